//! The embedded face: Noto Sans CJK SC, cut to the characters of GB 2312 (SIL OFL 1.1, `assets/fonts/OFL.txt`).

use ab_glyph::{Font, FontRef};

/// Regular.
pub const REGULAR: &[u8] = include_bytes!("../assets/fonts/NotoSansCJKsc-Regular.otf");
/// Bold.
pub const BOLD: &[u8] = include_bytes!("../assets/fonts/NotoSansCJKsc-Bold.otf");
/// What it is called.
pub const FAMILY: &str = "Noto Sans CJK SC";

/// The shares of an em that the characters below `end` take in a face; one em for those it does not have.
pub(super) fn advances(bytes: &'static [u8], end: usize) -> Vec<f32> {
    let face = FontRef::try_from_slice(bytes).expect("the embedded face is tested");
    let em = face.units_per_em().unwrap_or(1000.0);
    let advance = |code: usize| {
        let c = u32::try_from(code).ok().and_then(char::from_u32)?;
        let glyph = Some(face.glyph_id(c)).filter(|glyph| glyph.0 != 0)?;
        Some(face.h_advance_unscaled(glyph) / em)
    };
    (0..end).map(|code| advance(code).unwrap_or(1.0)).collect()
}
