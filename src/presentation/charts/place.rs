//! Puts texts where they meet neither each other nor the edge, and lines as little as may be.

use super::scene::{Anchor, Label};

/// Air beside a text, in pixels.
const AIR: f64 = 3.0;
/// Air above and below.
const LEADING: f64 = 3.0;
/// Pixels between the points by which a line is known.
const STEP: f64 = 3.0;
/// What a point of a line under a text costs, in pixels of distance.
const CROSSING: f64 = 5.0;

/// Left, top, right and bottom.
type Extent = (f64, f64, f64, f64);

/// The texts placed so far and what they should keep off.
pub(super) struct Placer {
    bounds: Extent,
    taken: Vec<Extent>,
    points: Vec<(f64, f64)>,
    leading: f64,
}

/// A place a text may take: where, by which end, and what it costs to stand there.
pub(super) type Spot = (f64, f64, Anchor, f64);

impl Placer {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            bounds: (0.0, 0.0, width, height),
            taken: Vec::new(),
            points: Vec::new(),
            leading: LEADING,
        }
    }

    /// Texts should not lie on this line.
    pub(super) fn avoid(&mut self, line: &[(f64, f64)]) {
        for pair in line.windows(2) {
            let [(x, y), (to_x, to_y)] = [pair[0], pair[1]];
            let steps = ((to_x - x).hypot(to_y - y) / STEP).ceil().max(1.0);
            let mut step = 0.0;
            while step <= steps {
                let share = step / steps;
                self.points
                    .push((x + (to_x - x) * share, y + (to_y - y) * share));
                step += 1.0;
            }
        }
    }

    /// From now on texts have so much air above and below.
    pub(super) fn leading(&mut self, leading: f64) {
        self.leading = leading;
    }

    /// Texts must not lie here.
    pub(super) fn take(&mut self, extent: Extent) {
        self.taken.push(extent);
    }

    /// `label` at the cheapest of `spots`; `None` where it fits at none.
    pub(super) fn place(&mut self, label: &Label, spots: &[Spot]) -> Option<Label> {
        let tried = spots.iter().filter_map(|(x, y, anchor, cost)| {
            let mut label = label.clone().anchored(*anchor);
            (label.x, label.y) = (*x, *y);
            let extent = label.extent();
            self.is_free(extent).then(|| {
                let crossed = self.points.iter().filter(|point| holds(extent, **point));
                let crossed = f64::from(u32::try_from(crossed.count()).unwrap_or(u32::MAX));
                (label, cost + crossed * CROSSING)
            })
        });
        let (label, _) = tried.reduce(|best, next| if next.1 < best.1 { next } else { best })?;
        self.taken.push(label.extent());
        Some(label)
    }

    fn is_free(&self, (left, top, right, bottom): Extent) -> bool {
        let (l, t, r, b) = self.bounds;
        let inside = left >= l && top >= t && right <= r && bottom <= b;
        let meets = |(l, t, r, b): &Extent| {
            left < r + AIR && l - AIR < right && top < b + self.leading && t - self.leading < bottom
        };
        inside && !self.taken.iter().any(meets)
    }
}

fn holds((left, top, right, bottom): Extent, (x, y): (f64, f64)) -> bool {
    left - AIR <= x && x <= right + AIR && top <= y && y <= bottom
}

/// Places around a point, the nearest first: beside it, above and below it, then farther off.
pub(super) fn around(x: f64, y: f64, off: f64) -> Vec<Spot> {
    let mut spots = Vec::new();
    for far in [0.0, 8.0, 18.0, 30.0, 44.0, 60.0] {
        let (dx, dy) = (off + far / 3.0, off + 4.0 + far);
        spots.extend([
            (x - dx, y - dy * 0.8, Anchor::End, far),
            (x + dx, y + dy * 0.8, Anchor::Start, far),
            (x, y - dy - 2.0, Anchor::Middle, far + 2.0),
            (x, y + dy + 2.0, Anchor::Middle, far + 2.0),
            (x + dx, y - dy * 0.8, Anchor::Start, far + 4.0),
            (x - dx, y + dy * 0.8, Anchor::End, far + 4.0),
            (x - dx - far, y, Anchor::End, far + 3.0),
            (x + dx + far, y, Anchor::Start, far + 3.0),
        ]);
    }
    spots
}

/// Places in a column right of `x`, the one at `y` first.
pub(super) fn beside(x: f64, y: f64) -> Vec<Spot> {
    let mut spots = vec![(x, y, Anchor::Start, 0.0)];
    for step in 1..=40u32 {
        let off = f64::from(step) * 2.0;
        spots.push((x, y - off, Anchor::Start, off));
        spots.push((x, y + off, Anchor::Start, off));
    }
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_off_each_other_the_edge_and_lines() {
        let mut placer = Placer::new(100.0, 100.0);
        placer.avoid(&[(0.0, 40.0), (100.0, 40.0)]);
        let label = Label::new("序时", 0.0, 0.0, 10.0);
        let spots = [
            (95.0, 50.0, Anchor::Start, 0.0),
            (50.0, 40.0, Anchor::Start, 0.0),
            (50.0, 60.0, Anchor::Start, 9.0),
        ];
        let first = placer.place(&label, &spots).unwrap();
        // The first leaves the canvas, the second lies on the line.
        assert!((first.y - 60.0).abs() < 1e-9);
        let second = placer.place(&label, &spots).unwrap();
        assert!((second.y - 40.0).abs() < 1e-9);
        assert!(placer.place(&label, &spots).is_none());
    }
}
