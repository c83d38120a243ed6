//! A chart before it is painted: marks at pixel places, so that a test can ask whether texts overlap.

use super::{paint, text, theme};
use crate::indicators::table::Verdict;
use plotters::style::RGBColor;

/// Which end of a text its place names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A text and where it stands; `y` is the middle of its digits.
#[derive(Debug, Clone)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// Place.
    pub x: f64,
    /// Place.
    pub y: f64,
    /// Size in pixels.
    pub size: f64,
    /// Bold.
    pub bold: bool,
    /// Colour.
    pub ink: RGBColor,
    /// Which end `x` is.
    pub anchor: Anchor,
}

impl Label {
    /// A label in ink, from its left end.
    pub fn new(text: impl Into<String>, x: f64, y: f64, size: f64) -> Self {
        Self {
            text: text.into(),
            x,
            y,
            size,
            bold: false,
            ink: theme::INK,
            anchor: Anchor::Start,
        }
    }

    /// The same label with another end at its place.
    #[must_use]
    pub fn anchored(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// The same label in another colour.
    #[must_use]
    pub fn inked(mut self, ink: RGBColor) -> Self {
        self.ink = ink;
        self
    }

    /// The same label, bold or not.
    #[must_use]
    pub fn weighted(mut self, bold: bool) -> Self {
        self.bold = bold;
        self
    }

    /// Left, top, right and bottom of what it covers.
    pub fn extent(&self) -> (f64, f64, f64, f64) {
        let width = text::width(&self.text, self.size, self.bold);
        let left = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        (
            left,
            self.y - self.size * 0.5,
            left + width,
            self.y + self.size * 0.5,
        )
    }
}

/// One thing on the canvas.
#[derive(Debug, Clone)]
pub enum Mark {
    /// A filled rectangle: left, top, right, bottom.
    Bar(f64, f64, f64, f64, RGBColor),
    /// A text.
    Label(Label),
    /// The shape of a verdict: middle and half its size.
    Shape(Verdict, f64, f64, f64),
    /// A line through points.
    Line(Line),
    /// A filled outline, so opaque (0 to 1).
    Area(Vec<(f64, f64)>, RGBColor, f64),
    /// Slanted hairlines over a rectangle: left, top, right, bottom. What is not closed yet.
    Hatch(f64, f64, f64, f64, RGBColor),
    /// A text with an edge of paper, legible on lines.
    Halo(Label),
    /// A filled disc: middle and radius.
    Dot(f64, f64, f64, RGBColor),
}

/// A line through points.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its points.
    pub points: Vec<(f64, f64)>,
    /// Colour.
    pub ink: RGBColor,
    /// Thickness in pixels.
    pub thickness: f64,
    /// Lengths of dash and gap in pixels; none for a solid line.
    pub dash: Option<(f64, f64)>,
}

impl Line {
    /// A solid line.
    pub fn new(points: Vec<(f64, f64)>, thickness: f64, ink: RGBColor) -> Self {
        Self {
            points,
            ink,
            thickness,
            dash: None,
        }
    }

    /// The same line, dashed.
    #[must_use]
    pub fn dashed(mut self, dash: f64, gap: f64) -> Self {
        self.dash = Some((dash, gap));
        self
    }
}

/// A chart as marks.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// What is drawn, the lowest first.
    pub marks: Vec<Mark>,
}

impl Scene {
    /// The texts.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Label(label) | Mark::Halo(label) => Some(label),
            _ => None,
        })
    }

    /// The chart as SVG under `title`, described by `description`; `id` keeps two charts of a page apart.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> String {
        let body = paint::body(self);
        format!(
            concat!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" width=\"{w}\" height=\"{h}\" ",
                "viewBox=\"0 0 {fw} {fh}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n",
                "<title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n{body}</svg>\n"
            ),
            w = self.width,
            h = self.height,
            fw = paint::pixels(self.width),
            fh = paint::pixels(self.height),
            id = id,
            title = escaped(title),
            description = escaped(description),
            body = body,
        )
    }
}

/// Text for SVG and HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
