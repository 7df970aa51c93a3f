#!/usr/bin/env bash
# yargs 18.2.0: getCompletion(words), which its documentation has for asking for completions from a program, never answers where
# the words name a command that has a builder function.
# Guess before: the flags of the command, as `--get-yargs-completions` prints them: ["--fast"].
# Seen: with the option at the top level it resolves to ["--fast"]; with the option in the builder of a command the promise
# stays pending, nothing is printed, and an awaiting program ends with Node's exit code 13.
# Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund yargs@18.2.0
cat >completion.mjs <<'JS'
import yargs from 'yargs'
const answerOf = (parser, words) =>
  Promise.race([
    parser.getCompletion(words).then(JSON.stringify),
    new Promise((resolve) => setTimeout(resolve, 3000, 'no answer in 3 seconds')),
  ])
const bare = () => yargs([]).exitProcess(false).version(false).help(false)
const top = bare().option('fast', { type: 'boolean' })
const command = bare().command('go', 'goes', (cli) => cli.option('fast', { type: 'boolean' }))
const seen = [await answerOf(top, ['--f']), await answerOf(command, ['go', '--f'])]
console.log(`option at the top: ${seen[0]}\noption of a command: ${seen[1]}`)
if (seen[0] !== '["--fast"]' || seen[1] !== 'no answer in 3 seconds') {
  console.log('CHANGED: the command is answered for, or the top is not')
  process.exit(1)
}
process.exit(0)
JS
node completion.mjs
cat >awaiting.mjs <<'JS'
import yargs from 'yargs'
await yargs([]).exitProcess(false).command('go', 'goes', (cli) => cli.option('fast', {})).getCompletion(['go', '--f'])
JS
code=0
node awaiting.mjs 2>/dev/null || code=$?
echo "a program that awaits it ends with code $code"
[ "$code" = 13 ] || { echo 'CHANGED: it ends otherwise'; exit 1; }
