import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      'dist',
      'src/kernels/assembly',
      'node_modules',
      'runs',
      'sis-demo',
      '.venv',
      'coverage',
      'docs/api',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            '*.js',
            'bin/*.js',
            'install/*.js',
            'src/kernels/compile.js',
            'src/report/bundle.js',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off', // typed-array reads under noUncheckedIndexedAccess
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports: a name belongs to the thing.' },
      ],
    },
  },
  {
    files: [
      '*.config.*',
      '*.js',
      'bin/*.js',
      'install/*.js',
      'src/kernels/compile.js',
      'src/report/bundle.js',
      'src/cli/orphanWatch.js',
      'src/base/threadMain.js',
      'src/engine/selectorWorker.js',
      'src/engine/substitutionKernel.js',
      'src/engine/substitutionWorker.js',
      'src/engine/threadKernel.js',
      'src/motif/tomtomWorker.js',
      'src/predict/onnx/onnxProbe.js',
      'src/io/hdf5/hdf5Worker.js',
      'src/io/hdf5/lzf.js',
    ],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', WebAssembly: 'readonly', URL: 'readonly' },
    },
    rules: { ...tseslint.configs.disableTypeChecked.rules, 'no-restricted-syntax': 'off' },
  },
)
