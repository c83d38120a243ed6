//! The PNG of a chart: its own SVG, painted with the embedded face.

use super::face;
use resvg::{tiny_skia, usvg};
use std::sync::{Arc, LazyLock};

/// Longest side of a picture in pixels.
const SIDE_MAX: f32 = 8192.0;

/// The embedded faces, read once.
static FACES: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut faces = usvg::fontdb::Database::new();
    faces.load_font_data(face::REGULAR.to_vec());
    faces.load_font_data(face::BOLD.to_vec());
    faces.set_sans_serif_family(face::FAMILY);
    Arc::new(faces)
});

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The text is no SVG.
    #[error("not an SVG: {0}")]
    Svg(#[from] usvg::Error),
    /// The scale makes it nothing, or more than a screen or a sheet needs.
    #[error("a picture of {0} × {1} pixels is not drawn (at most {SIDE_MAX} a side)")]
    Size(f32, f32),
    /// The picture cannot be written.
    #[error("cannot be written as PNG: {0}")]
    Png(String),
}

/// `svg` as PNG on white paper, `scale` pixels of it for each of the drawing.
///
/// # Errors
/// See [`PngError`].
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    let options = usvg::Options {
        fontdb: Arc::clone(&FACES),
        font_family: face::FAMILY.to_owned(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let [width, height] =
        [tree.size().width(), tree.size().height()].map(|side| (side * scale).round());
    let fits = |side: f32| (1.0..=SIDE_MAX).contains(&side);
    if !(fits(width) && fits(height)) {
        return Err(PngError::Size(width, height));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    let mut picture =
        tiny_skia::Pixmap::new(width as u32, height as u32).ok_or(PngError::Size(width, height))?;
    picture.fill(tiny_skia::Color::WHITE);
    let scaled = tiny_skia::Transform::from_scale(scale, scale);
    resvg::render(&tree, scaled, &mut picture.as_mut());
    picture
        .encode_png()
        .map_err(|error| PngError::Png(error.to_string()))
}
