//! How wide text is: the advances of the embedded face, Noto Sans CJK SC, the one the others in the stack are drawn to the
//! measure of.

use super::face;
use crate::presentation::numbers;
use std::sync::LazyLock;

/// Characters from here on are Chinese or as wide: one em by design.
const WIDE_FROM: usize = 0x2E80;
/// Space before each further group of three digits (the page and the painter set it), in em.
const GROUP: f64 = 0.17;

/// Shares of an em that characters below [`WIDE_FROM`] take, regular and bold.
static ADVANCES: LazyLock<[Vec<f32>; 2]> =
    LazyLock::new(|| [face::REGULAR, face::BOLD].map(|bytes| face::advances(bytes, WIDE_FROM)));

/// The width of `text` at `size` pixels.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let advances = &ADVANCES[usize::from(bold)];
    let advance = |c: char| advances.get(c as usize).map_or(1.0, |em| f64::from(*em));
    (text.chars().map(advance).sum::<f64>() + groups(text) * GROUP) * size
}

/// Groups of three digits that stand behind others in `text`.
fn groups(text: &str) -> f64 {
    // Most texts have no five digits.
    if text.bytes().filter(u8::is_ascii_digit).count() < 5 {
        return 0.0;
    }
    let opened = numbers::grouped(text, "\u{1}", "").matches('\u{1}').count();
    f64::from(u32::try_from(opened).unwrap_or(0))
}

/// `text` in at most `lines` lines that fit into `room`, cut with an ellipsis where they do not. English breaks at spaces,
/// Chinese anywhere.
pub fn wrapped(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() + 1 < lines && width(rest, size, bold) > room {
        let fits = |end: &usize| width(rest[..*end].trim_end(), size, bold) <= room;
        let ends: Vec<usize> = rest.char_indices().skip(1).map(|(at, _)| at).collect();
        let breaks =
            |end: &usize| !rest[..*end].ends_with(is_word) || !rest[*end..].starts_with(is_word);
        let Some(end) = ends
            .iter()
            .copied()
            .rev()
            .find(|end| breaks(end) && fits(end))
        else {
            break;
        };
        out.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    if !rest.is_empty() {
        out.push(fitted(rest, size, bold, room));
    }
    out
}

/// Whether a line does not break beside `c` where another such character follows.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && (c as usize) < WIDE_FROM
}

/// `text` as far as it fits into `room`, with an ellipsis where it does not.
pub fn fitted(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&shorter, size, bold) <= room {
            return shorter;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::{fitted, width, wrapped};

    #[test]
    fn text_is_measured_by_its_face() {
        assert!((width("长春", 10.0, false) - 20.0).abs() < 1e-9);
        assert!((width("83.3%", 100.0, false) - 286.4).abs() < 1.0);
    }

    #[test]
    fn text_is_cut_only_where_it_must_be() {
        assert_eq!(fitted("双阳区", 10.0, false, 30.0), "双阳区");
        assert_eq!(fitted("净月高新区", 10.0, false, 40.0), "净月高…");
    }

    #[test]
    fn long_numbers_are_measured_with_the_space_between_their_groups() {
        let digits = width("158", 100.0, false) + width("214", 100.0, false);
        assert!((width("158214", 100.0, false) - digits - 17.0).abs() < 1e-6);
        assert!(width("158214", 100.0, true) > width("158214", 100.0, false));
    }

    #[test]
    fn lines_break_where_words_end() {
        let name = "Jingyue High-tech Zone";
        let room = width("Jingyue High-tech", 10.0, false) + 0.1;
        assert_eq!(
            wrapped(name, 10.0, false, room, 2),
            ["Jingyue High-tech", "Zone"]
        );
        assert_eq!(
            wrapped("中韩示范区", 10.0, false, 30.0, 2),
            ["中韩示", "范区"]
        );
        assert_eq!(
            wrapped("中韩国际合作示范区", 10.0, false, 30.0, 2),
            ["中韩国", "际合…"]
        );
        assert_eq!(wrapped("Unbreakable", 10.0, false, 30.0, 2).len(), 1);
        assert!(wrapped("", 10.0, false, 30.0, 2).is_empty());
    }
}
