//! A chart before it is painted: marks at pixel places, so that a test can ask whether texts overlap.

use super::{text, theme};
use crate::indicators::table::Verdict;
use crate::presentation::numbers;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Plotters' coordinates are whole numbers: a canvas four times as fine keeps hairlines and ticks where they belong.
const FINE: f64 = 4.0;
/// Plotters writes a font size divided by this into the SVG.
const FONT_FACTOR: f64 = 1.24;
/// From the middle of a digit to plotters' idea of the middle of a line, in em.
const MIDDLE: f64 = 0.095;

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
            Mark::Label(label) => Some(label),
            _ => None,
        })
    }

    /// The chart as SVG without words of its own, for a place that says the same in words: screen readers pass it over.
    pub fn bare(&self) -> String {
        format!(
            "<svg class=\"chart\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {fw} {fh}\" aria-hidden=\"true\" focusable=\"false\">{body}",
            w = self.width,
            h = self.height,
            fw = pixels(self.width),
            fh = pixels(self.height),
            body = self.painted(),
        )
    }

    /// The chart as SVG under `title`, described by `description`; `id` keeps two charts of a page apart.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> String {
        format!(
            concat!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" width=\"{w}\" height=\"{h}\" ",
                "viewBox=\"0 0 {fw} {fh}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n",
                "<title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>{body}"
            ),
            w = self.width,
            h = self.height,
            fw = pixels(self.width),
            fh = pixels(self.height),
            id = id,
            title = escaped(title),
            description = escaped(description),
            body = self.painted(),
        )
    }

    /// The marks as SVG, to the end of the picture.
    fn painted(&self) -> String {
        let mut painted = String::new();
        {
            let area =
                SVGBackend::with_string(&mut painted, (pixels(self.width), pixels(self.height)))
                    .into_drawing_area();
            for mark in &self.marks {
                paint(&area, mark).expect("painting into memory succeeds");
            }
            area.present().expect("painting into memory succeeds");
        }
        let body = painted.find('>').map_or("", |end| &painted[end + 1..]);
        grouped(body)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of charts are small and positive"
)]
fn pixels(length: f64) -> u32 {
    (length * FINE).round() as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "places on a chart are small"
)]
fn at(x: f64, y: f64) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Painted = Result<(), Box<dyn std::error::Error>>;

fn paint(area: &Area<'_>, mark: &Mark) -> Painted {
    match mark {
        Mark::Bar(left, top, right, bottom, ink) => {
            area.draw(&Rectangle::new(
                [at(*left, *top), at(*right, *bottom)],
                ink.filled(),
            ))
            .map_err(|error| error.to_string())?;
        }
        Mark::Label(label) => {
            let horizontal = match label.anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let weight = if label.bold {
                FontStyle::Bold
            } else {
                FontStyle::Normal
            };
            let style = TextStyle::from(
                (theme::FACES, label.size * FINE * FONT_FACTOR, weight).into_font(),
            )
            .color(&label.ink)
            .pos(Pos::new(horizontal, VPos::Center));
            let place = at(label.x, label.y + label.size * MIDDLE);
            area.draw(&Text::new(label.text.clone(), place, style))
                .map_err(|error| error.to_string())?;
        }
        Mark::Shape(verdict, x, y, half) => shape(area, *verdict, *x, *y, *half)?,
    }
    Ok(())
}

/// Drawn rather than written: the characters ▲●◆▼○ differ in size from face to face.
fn shape(area: &Area<'_>, verdict: Verdict, x: f64, y: f64, half: f64) -> Painted {
    let ink = theme::verdict(verdict);
    let polygon = |points: &[(f64, f64)]| {
        let points: Vec<_> = points
            .iter()
            .map(|(dx, dy)| at(x + dx * half, y + dy * half))
            .collect();
        area.draw(&Polygon::new(points, ink.filled()))
            .map_err(|error| error.to_string())
    };
    let round = |style: ShapeStyle| {
        let radius = at(half * 0.95, 0.0).0;
        area.draw(&Circle::new(at(x, y), radius, style))
            .map_err(|error| error.to_string())
    };
    match verdict {
        Verdict::Ahead => polygon(&[(-1.05, 0.85), (0.0, -1.0), (1.05, 0.85)])?,
        Verdict::OnTrack => round(ink.filled())?,
        Verdict::AtRisk => polygon(&[(0.0, -1.1), (1.1, 0.0), (0.0, 1.1), (-1.1, 0.0)])?,
        Verdict::Behind => polygon(&[(-1.05, -0.85), (1.05, -0.85), (0.0, 1.0)])?,
        Verdict::InsufficientData => round(ink.stroke_width(6))?,
        Verdict::NoTarget => polygon(&[(-0.9, -0.15), (0.9, -0.15), (0.9, 0.15), (-0.9, 0.15)])?,
    }
    Ok(())
}

/// Texts that are one long number, in groups of three; plotters writes each text on a line of its own.
fn grouped(body: &str) -> String {
    let is_number = |line: &str| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    let lines = body.lines().map(|line| match is_number(line) {
        true => numbers::grouped(line, "<tspan dx=\"0.17em\">", "</tspan>"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Text for SVG and HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
