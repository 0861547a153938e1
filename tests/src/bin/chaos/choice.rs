//! Choices from a seed: the same seed, the same choices.

/// A source of choices (the splitmix64 generator of Steele, Lea and Flood).
#[derive(Clone, Debug)]
pub(crate) struct Choices(u64);

impl Choices {
    /// The choices of one chooser among many: each has a number of its own.
    pub(crate) fn new(seed: u64, chooser: u64) -> Self {
        let mut choices = Self(seed.rotate_left(32) ^ chooser.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        choices.next();
        choices
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` up to and without `end`.
    pub(crate) fn within(&mut self, least: u64, end: u64) -> u64 {
        least + self.next() % (end - least).max(1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.next().is_multiple_of(many)
    }
}
