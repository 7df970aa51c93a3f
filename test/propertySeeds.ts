/**
 * Property tests draw the same examples each time, so that a clean checkout passes or fails for everybody;
 * properties.slow.test.ts draws new ones, by SIS_PROPERTY_SEED.
 */
import fc from 'fast-check'

const { SIS_PROPERTY_SEED } = process.env
fc.configureGlobal({ seed: SIS_PROPERTY_SEED === undefined ? 2019 : Number(SIS_PROPERTY_SEED) })
