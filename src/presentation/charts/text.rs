//! How wide text is: the advances of Noto Sans CJK SC, the face the others in the stack are drawn to the measure of.
//! Chinese characters are one em by design, so a small table of the others is all there is to embed.

/// Thousandths of an em of the characters from space to tilde.
const ASCII: [u16; 95] = [
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555,
    555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589,
    552, 689, 728, 293, 535, 646, 543, 812, 723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573,
    531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552,
    284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555,
];
/// Letters with accents, minus and dashes; none is wider.
const OTHER_LATIN: u16 = 620;
const EM: u16 = 1000;
/// Bold Latin letters are wider by at most this share; Chinese characters are not.
const BOLD: f64 = 1.07;

/// The width of `text` at `size` pixels.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    text.chars().map(|c| advance(c, bold)).sum::<f64>() * size
}

fn advance(c: char, bold: bool) -> f64 {
    let thousandths = match c {
        ' '..='~' => ASCII[c as usize - ' ' as usize],
        '\u{A0}'..='\u{24F}' | '−' | '–' => OTHER_LATIN,
        _ => EM,
    };
    let em = f64::from(thousandths) / 1000.0;
    if bold && thousandths != EM {
        em * BOLD
    } else {
        em
    }
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
    use super::{fitted, width};

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
}
