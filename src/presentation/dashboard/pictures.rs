//! Which chart shows a panel, and the table that says the same.

use super::file::Panel;
use super::grid::{Grid, matrix};
use super::material::{Material, by_month, lead_request};
use super::panels::Maker;
use super::selection::Selection;
use super::view::View;
use crate::analysis::Pace;
use crate::analysis::completeness::Completeness;
use crate::indicators::table::Table;
use crate::presentation::charts::funds::Funds;
use crate::presentation::charts::heat::Margins;
use crate::presentation::charts::reporting::By;
use crate::presentation::charts::{self, Chart, Courses, Cumulative, Width};
use crate::presentation::encode::explain::Step;
use crate::presentation::texts;
use crate::programme::{Language, Programme, Target, Text};

/// The chart of a panel by itself.
///
/// # Errors
/// Why there is none.
pub fn drawn(
    panel: &Panel,
    selection: &Selection,
    material: &Material,
    width: Width,
) -> Result<Chart, Text> {
    let maker = Maker {
        selection,
        material,
        profiles: &[],
        first: "",
    };
    picture(&maker, panel, width)
}

/// The chart of a panel.
///
/// # Errors
/// Why there is none.
pub(super) fn picture(maker: &Maker<'_>, panel: &Panel, width: Width) -> Result<Chart, Text> {
    let material = maker.material;
    let (programme, language) = (&*material.programme, maker.selection.language);
    let pace = Pace::of(programme);
    let day = material.freshness.data_as_of;
    if panel.view == View::Cumulative {
        let table = material.table(&by_month(panel, maker.selection))?;
        let course = Cumulative::of(table, &targets(maker)?, &pace, day, programme);
        return match course {
            Some(course) => Ok(course.chart(language, width)),
            None => Err(not_by_time()),
        };
    }
    let lead = material.table(&lead_request(panel, maker.selection))?;
    Ok(match panel.view {
        View::Trend => charts::trend(lead, day, language, width).ok_or_else(not_by_time)?,
        View::Map => charts::tile_map(lead, programme, language, width),
        View::Ranked => {
            let most = panel.limit.unwrap_or(RANKED_MAX);
            charts::ranked(lead, programme, language, width, most)
        }
        View::Heat => {
            let [first, second] = singles(maker, panel)?;
            charts::heat(lead, Margins { first, second }, programme, language, width)
        }
        View::Multiples => {
            let courses = Courses {
                table: lead,
                units: unit_table(maker, panel)?,
                targets: &all_targets(maker)?,
                pace: &pace,
                day,
                programme,
            };
            charts::small_multiples(&courses, language, width)
        }
        View::Funds => {
            let funds = Funds {
                budget: None,
                raised: None,
                approved: Some(lead),
                paid: Some(second(maker, panel)?),
            };
            charts::funds(funds, programme, language, width)
        }
        _ => charts::bullets(lead, programme, language, width),
    })
}

/// Bars of a ranking at most, where its panel does not say.
const RANKED_MAX: usize = 20;

fn not_by_time() -> Text {
    let say = |language| texts::say(language, "picture_not_by_time").to_owned();
    Text::new(say(Language::Zh), say(Language::En))
}

/// The table of a panel's second indicator.
fn second<'a>(maker: &'a Maker<'_>, panel: &Panel) -> Result<&'a Table, Text> {
    let by = panel.by.first().map_or("", String::as_str);
    let request = maker
        .selection
        .request(&panel.indicators[1], &[by], panel.period.as_deref());
    maker.material.table(&request)
}

/// The table that says what a picture shows.
///
/// # Errors
/// Why there is none.
pub(super) fn twin(maker: &Maker<'_>, panel: &Panel) -> Result<Grid, Text> {
    let material = maker.material;
    let lead = match panel.view {
        View::Cumulative => material.table(&by_month(panel, maker.selection))?,
        _ => material.table(&lead_request(panel, maker.selection))?,
    };
    Ok(match panel.view {
        View::Heat => {
            let [down, across] = singles(maker, panel)?;
            matrix(
                maker.behind(lead),
                [down, across],
                &material.programme,
                maker.selection.language,
            )
        }
        View::Multiples => {
            let units = unit_table(maker, panel)?;
            matrix(
                maker.behind(lead),
                [Some(units), None],
                &material.programme,
                maker.selection.language,
            )
        }
        View::Funds => maker.figures(panel, &[lead, second(maker, panel)?]),
        _ => maker.figures(panel, &[lead]),
    })
}

fn singles<'a>(maker: &'a Maker<'_>, panel: &Panel) -> Result<[Option<&'a Table>; 2], Text> {
    let single = |by: &String| {
        let request = maker
            .selection
            .request(&panel.indicators[0], &[by], panel.period.as_deref());
        maker.material.table(&request)
    };
    Ok([Some(single(&panel.by[0])?), Some(single(&panel.by[1])?)])
}

fn unit_table<'a>(maker: &'a Maker<'_>, panel: &Panel) -> Result<&'a Table, Text> {
    let request = maker.selection.request(
        &panel.indicators[0],
        &[&panel.by[0]],
        panel.period.as_deref(),
    );
    maker.material.table(&request)
}

/// The targets in force of the unit that is selected: the city, or the one unit the reader filters by. A selection that no
/// target is set for has none.
fn targets(maker: &Maker<'_>) -> Result<Vec<Target>, Text> {
    let standing = match &maker.material.targets {
        Some(Ok(standing)) => standing,
        Some(Err(text)) => return Err(text.clone()),
        None => return Ok(Vec::new()),
    };
    let city = maker.material.programme.config.programme.city.as_str();
    let unit = match maker.selection.filters.as_slice() {
        [] => ("city", city),
        [(dimension, code)] => (dimension.as_str(), code.as_str()),
        _ => return Ok(Vec::new()),
    };
    let held = standing.targets.iter().map(|held| &held.target);
    let own = held.filter(|target| (target.unit_kind.as_str(), target.unit.as_str()) == unit);
    Ok(own.cloned().collect())
}

/// All targets in force, for pictures of many units.
fn all_targets(maker: &Maker<'_>) -> Result<Vec<Target>, Text> {
    match &maker.material.targets {
        Some(Ok(standing)) => {
            let held = standing.targets.iter().map(|held| held.target.clone());
            Ok(held.collect())
        }
        Some(Err(text)) => Err(text.clone()),
        None => Ok(Vec::new()),
    }
}

/// The ledger as a picture.
pub(super) fn funnel(
    steps: &[Step],
    programme: &Programme,
    language: Language,
    width: Width,
) -> Chart {
    charts::funnel(steps, programme, language, width)
}

/// The completeness of reporting as a picture: by department.
pub(super) fn reporting(
    completeness: &Completeness,
    programme: &Programme,
    language: Language,
    width: Width,
) -> Chart {
    charts::reporting(completeness, By::Department, programme, language, width)
}
