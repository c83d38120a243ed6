//! A small deterministic random source: SplitMix64 keyed by numbers.
//!
//! Every draw depends only on the seed and the key handed in, never on what was drawn before elsewhere, so the same
//! record comes out the same on every machine and in every order of generation.
//! Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalising permutation of SplitMix64.
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(GAMMA);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A stream of numbers for one key.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream of `key` under `seed`; equal keys give equal streams.
    pub(super) fn keyed(seed: u64, key: &[u64]) -> Self {
        let mut state = mix(seed);
        for part in key {
            state = mix(state ^ part.wrapping_mul(GAMMA));
        }
        Self { state }
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// A number below `bound`, which must not be 0 (multiply-shift; the bias is below 2⁻³²).
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number between `low` and `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `per_mille` of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// The value of one of the weighted pairs; a weight of 0 is never drawn, and one weight must be positive.
    pub(super) fn weighted<T: Copy>(&mut self, pairs: &[(T, u32)]) -> T {
        let total: u64 = pairs.iter().map(|pair| u64::from(pair.1)).sum();
        let mut rest = self.below(total);
        for (value, weight) in pairs {
            if rest < u64::from(*weight) {
                return *value;
            }
            rest -= u64::from(*weight);
        }
        unreachable!("the draw lies below the sum of the weights")
    }
}
