//! Marks become SVG: plotters writes the elements, and what it has no word for (dashes, edges of paper around texts) is added
//! to the element it wrote.

use super::scene::{Anchor, Mark, Scene};
use super::theme;
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

/// The elements of `scene`, one a line.
pub(super) fn body(scene: &Scene) -> String {
    let size = (pixels(scene.width), pixels(scene.height));
    // A mark with words of its own is painted by itself.
    let runs = scene
        .marks
        .chunk_by(|a, b| added(a).is_none() && added(b).is_none());
    let mut body = String::new();
    for run in runs {
        let elements = elements(size, run);
        match run.first().and_then(added) {
            Some((element, words)) => {
                let start = format!("<{element} ");
                body += &elements.replace(&start, &format!("{start}{words} "));
            }
            None => body += &elements,
        }
    }
    grouped(&body)
}

/// What plotters cannot say of a mark: the element and its further attributes.
fn added(mark: &Mark) -> Option<(&'static str, String)> {
    let round = "stroke-linejoin=\"round\"";
    match mark {
        Mark::Line(line) => {
            let dashes = line.dash.map(|(dash, gap)| {
                let [dash, gap] = [dash, gap].map(pixels);
                format!(" stroke-dasharray=\"{dash} {gap}\"")
            });
            Some(("polyline", round.to_owned() + &dashes.unwrap_or_default()))
        }
        Mark::Halo(_) => {
            let RGBColor(r, g, b) = theme::PAPER;
            let width = pixels(4.0);
            Some((
                "text",
                format!(
                    "stroke=\"#{r:02X}{g:02X}{b:02X}\" stroke-width=\"{width}\" {round} paint-order=\"stroke\""
                ),
            ))
        }
        _ => None,
    }
}

/// What plotters writes for `marks`, without its frame.
fn elements(size: (u32, u32), marks: &[Mark]) -> String {
    let mut painted = String::new();
    {
        let area = SVGBackend::with_string(&mut painted, size).into_drawing_area();
        for mark in marks {
            paint(&area, mark).expect("painting into memory succeeds");
        }
        area.present().expect("painting into memory succeeds");
    }
    let start = painted.find('>').map_or(0, |end| end + 1);
    let end = painted.rfind("</svg>").unwrap_or(painted.len());
    painted[start..end].trim_start().to_owned()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of charts are small and positive"
)]
pub(super) fn pixels(length: f64) -> u32 {
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
        Mark::Label(label) | Mark::Halo(label) => {
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
        Mark::Line(line) => {
            let points: Vec<_> = line.points.iter().map(|(x, y)| at(*x, *y)).collect();
            area.draw(&PathElement::new(
                points,
                line.ink.stroke_width(pixels(line.thickness)),
            ))
            .map_err(|error| error.to_string())?;
        }
        Mark::Area(points, ink, opaque) => {
            let points: Vec<_> = points.iter().map(|(x, y)| at(*x, *y)).collect();
            area.draw(&Polygon::new(points, ink.mix(*opaque).filled()))
                .map_err(|error| error.to_string())?;
        }
        Mark::Hatch(left, top, right, bottom, ink) => {
            for (from, to) in hatch(*left, *top, *right, *bottom) {
                let points = vec![at(from.0, from.1), at(to.0, to.1)];
                area.draw(&PathElement::new(points, ink.stroke_width(pixels(1.0))))
                    .map_err(|error| error.to_string())?;
            }
        }
        Mark::Dot(x, y, radius, ink) => {
            let radius = at(*radius, 0.0).0;
            area.draw(&Circle::new(at(*x, *y), radius, ink.filled()))
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Pixels between the lines of a hatch, along its lower edge.
const HATCH: f64 = 5.0;

/// The slanted lines (45°) of a hatch, cut at the rectangle.
fn hatch(left: f64, top: f64, right: f64, bottom: f64) -> Vec<((f64, f64), (f64, f64))> {
    let height = bottom - top;
    let mut lines = Vec::new();
    let mut foot = left - height + HATCH / 2.0;
    while foot < right {
        let from = foot.max(left);
        let to = (foot + height).min(right);
        lines.push(((from, bottom - (from - foot)), (to, bottom - (to - foot))));
        foot += HATCH;
    }
    lines
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
