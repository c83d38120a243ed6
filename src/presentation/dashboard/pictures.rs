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
use crate::presentation::charts::{self, Chart, Width};
use crate::presentation::encode::explain::Step;
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
    if panel.view == View::Cumulative {
        let table = material.table(&by_month(panel, maker.selection))?;
        let targets = targets(maker)?;
        return Ok(charts::cumulative(
            table,
            &targets,
            &Pace::of(programme),
            programme,
            language,
            width,
        ));
    }
    let lead = material.table(&lead_request(panel, maker.selection))?;
    Ok(match panel.view {
        View::Trend => charts::trend(lead, programme, language, width),
        View::Map => charts::tile_map(lead, programme, language, width),
        View::Ranked => charts::ranked(lead, programme, language, width, panel.limit),
        View::Heat => {
            let [down, across] = singles(maker, panel)?;
            charts::heat(lead, down, across, programme, language, width)
        }
        View::Multiples => {
            let units = unit_table(maker, panel)?;
            charts::small_multiples(lead, units, programme, language, width)
        }
        View::Funds => {
            let other = maker.selection.request(
                &panel.indicators[1],
                &[&panel.by[0]],
                panel.period.as_deref(),
            );
            charts::funds(lead, material.table(&other)?, programme, language, width)
        }
        _ => charts::bullets(lead, programme, language, width),
    })
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
        View::Funds => {
            let other = maker.selection.request(
                &panel.indicators[1],
                &[&panel.by[0]],
                panel.period.as_deref(),
            );
            maker.figures(panel, &[lead, material.table(&other)?])
        }
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

fn targets(maker: &Maker<'_>) -> Result<Vec<Target>, Text> {
    match &maker.material.targets {
        Some(Ok(standing)) => Ok(standing
            .targets
            .iter()
            .map(|held| held.target.clone())
            .collect()),
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

/// The completeness of reporting as a picture.
pub(super) fn reporting(
    completeness: &Completeness,
    programme: &Programme,
    language: Language,
    width: Width,
) -> Chart {
    charts::reporting(completeness, programme, language, width)
}
