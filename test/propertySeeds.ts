/**
 * Property tests draw the same examples each time, so that a clean checkout passes or fails for everybody;
 * properties.slow.test.ts draws new ones, by SIS_PROPERTY_SEED.
 */
import fc from 'fast-check'

const { SIS_PROPERTY_SEED } = process.env
if (SIS_PROPERTY_SEED === undefined) fc.configureGlobal({ seed: 2019 })
else {
  fc.configureGlobal({
    seed: Number(SIS_PROPERTY_SEED),
    // A failure is told before the test's time is over, however far it is shrunk by then. The plugin that fast-check names
    // in its place is no global parameter.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    interruptAfterTimeLimit: 200_000,
  })
}
