//! Panels: each view from its material to what the template prints.

use super::answer::{self, Phrase};
use super::file::Panel;
use super::grid::{Cell, Column, Figures, Grid, Line, matrix};
use super::material::{Material, by_month, courses, lead_request, shows_returns};
use super::selection::{Behind, Selection, page};
use super::tile::{self, Tile};
use super::view::View;
use super::{lists, pictures};
use crate::analysis::completeness::{Completeness, Status};
use crate::indicators::table::Table;
use crate::presentation::charts::{Chart, Width};
use crate::presentation::{numbers, texts};
use crate::programme::{Ratio, Text};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// One panel of a page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Shown {
    /// Keeps it apart from the others of the page.
    pub id: String,
    /// Name of its view.
    pub view: &'static str,
    /// Its share of the row, in twelfths.
    pub share: u8,
    /// Its heading.
    pub title: String,
    /// The sentence that says what it shows.
    pub say: Option<String>,
    /// The first sentence of a page.
    pub answer: Vec<Phrase>,
    /// A headline figure.
    pub tile: Option<Tile>,
    /// The picture for wide screens, as SVG.
    pub wide: Option<String>,
    /// The picture for phones, as SVG.
    pub phone: Option<String>,
    /// Its figures as a table; the twin of the picture where there is one.
    pub grid: Option<Grid>,
    /// Downloads and addresses: name and address.
    pub links: Vec<(String, String)>,
    /// Why there is nothing to show.
    pub problem: Option<String>,
}

/// What panels are made with.
pub struct Maker<'a> {
    /// The selection.
    pub selection: &'a Selection,
    /// The answers.
    pub material: &'a Material,
    /// The page with the profile of a unit, by its focus: dimension and id.
    pub profiles: &'a [(String, String)],
    /// Id of the first page.
    pub first: &'a str,
}

impl Maker<'_> {
    /// The panel as it is shown; `id` keeps it apart from others.
    pub fn panel(&self, panel: &Panel, id: String) -> Shown {
        let base = Shown {
            id,
            view: panel.view.code(),
            share: panel.share,
            title: self.title(panel),
            ..Shown::default()
        };
        match self.filled(panel, base.clone()) {
            Ok(shown) => shown,
            Err(text) => Shown {
                problem: Some(text.get(self.selection.language).to_owned()),
                ..base
            },
        }
    }

    fn title(&self, panel: &Panel) -> String {
        let language = self.selection.language;
        if let Some(title) = &panel.title {
            return title.get(language).to_owned();
        }
        let lead = panel.indicators.first();
        lead.and_then(|id| self.material.catalog.get(id))
            .map_or_else(String::new, |indicator| {
                indicator.title.get(language).to_owned()
            })
    }

    fn filled(&self, panel: &Panel, base: Shown) -> Result<Shown, Text> {
        match panel.view {
            View::Answer => self.answer(panel, base),
            View::Tile => self.tile(panel, base),
            View::Table => self.table(panel, base),
            View::Findings => lists::findings(self, base),
            View::Targets => lists::targets(self, base),
            View::Definitions => Ok(lists::definitions(self, base)),
            View::Reviews => Ok(lists::reviews(self, panel, base)),
            View::Funnel => self.funnel(base),
            View::Reporting => self.reporting(base),
            _ => self.pictured(panel, base),
        }
    }

    fn answer(&self, panel: &Panel, base: Shown) -> Result<Shown, Text> {
        let table = self.material.table(&lead_request(panel, self.selection))?;
        Ok(Shown {
            answer: answer::answer(self, panel, table),
            ..base
        })
    }

    fn tile(&self, panel: &Panel, base: Shown) -> Result<Shown, Text> {
        let table = self.material.table(&lead_request(panel, self.selection))?;
        let tile = tile::tile(
            table,
            &self.behind(table),
            &base.id,
            self.selection.language,
        );
        Ok(Shown {
            tile: Some(tile),
            ..base
        })
    }

    fn table(&self, panel: &Panel, base: Shown) -> Result<Shown, Text> {
        let by: Vec<&str> = panel.by.iter().map(String::as_str).collect();
        let request = |id: &String| self.selection.request(id, &by, panel.period.as_deref());
        let tables: Vec<&Table> = panel
            .indicators
            .iter()
            .map(|id| self.material.table(&request(id)))
            .collect::<Result<_, Text>>()?;
        let lead = tables[0];
        let grid = match panel.by.len() {
            2 => matrix(
                self.behind(lead),
                [None, None],
                &self.material.programme,
                self.selection.language,
            ),
            _ => self.figures(panel, &tables),
        };
        Ok(Shown {
            grid: Some(grid),
            links: self.downloads(lead),
            ..base
        })
    }

    /// The table of figures by the first dimension of a panel.
    pub(super) fn figures(&self, panel: &Panel, tables: &[&Table]) -> Grid {
        let courses = courses(panel, self.selection, &self.material.catalog)
            .and_then(|request| self.material.table(&request).ok());
        let dimension = panel.by.first().map_or("", String::as_str);
        Figures {
            programme: &self.material.programme,
            language: self.selection.language,
            tables: tables.iter().map(|table| self.behind(table)).collect(),
            courses,
            returns: match shows_returns(panel) {
                true => self.returns(),
                false => HashMap::new(),
            },
            profile: &|code| self.profile(dimension, code),
            // A picture may leave small ones out; its twin holds them all.
            limit: panel.limit.filter(|_| panel.view == View::Table),
        }
        .grid()
    }

    /// The share of due returns of each division that are in; of all of them under the empty code.
    fn returns(&self) -> HashMap<String, String> {
        let Some(Ok(completeness)) = &self.material.completeness else {
            return HashMap::new();
        };
        let mut due: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
        for each in &completeness.returns {
            if each.status == Status::NotDue {
                continue;
            }
            for code in [each.expected.division.as_str(), ""] {
                let (received, all) = due.entry(code).or_default();
                *received += i128::from(each.received.is_some());
                *all += 1;
            }
        }
        due.into_iter()
            .filter_map(|(code, (received, all))| {
                let share = Ratio::new(received, all)?;
                Some((code.to_owned(), numbers::percent_short(share, 0)))
            })
            .collect()
    }

    fn funnel(&self, base: Shown) -> Result<Shown, Text> {
        let Some(steps) = &self.material.ledger else {
            unreachable!("the funnel needs the ledger");
        };
        let steps = steps.as_ref().map_err(Clone::clone)?;
        let draw = |width| {
            pictures::funnel(
                steps,
                &self.material.programme,
                self.selection.language,
                width,
            )
        };
        let mut shown = self.drawn(base, draw);
        shown.grid = Some(lists::ledger(
            steps,
            &self.material.programme,
            self.selection.language,
        ));
        Ok(shown)
    }

    fn reporting(&self, base: Shown) -> Result<Shown, Text> {
        let Some(completeness) = &self.material.completeness else {
            unreachable!("the grid needs the returns");
        };
        let completeness: &Completeness = completeness.as_ref().map_err(Clone::clone)?;
        if completeness.returns.is_empty() {
            let say = |language| texts::say(language, "completeness_none").to_owned();
            use crate::programme::Language::{En, Zh};
            return Err(Text::new(say(Zh), say(En)));
        }
        let draw = |width| {
            pictures::reporting(
                completeness,
                &self.material.programme,
                self.selection.language,
                width,
            )
        };
        let mut shown = self.drawn(base, draw);
        shown.grid = Some(lists::completeness(completeness, self));
        Ok(shown)
    }

    /// A picture of figures with its table.
    fn pictured(&self, panel: &Panel, base: Shown) -> Result<Shown, Text> {
        let wide = width(panel.share);
        let chart = pictures::picture(self, panel, wide)?;
        let phone = match wide {
            Width::Phone => None,
            _ => Some(pictures::picture(self, panel, Width::Phone)?),
        };
        let lead = match panel.view {
            View::Cumulative => self.material.table(&by_month(panel, self.selection))?,
            _ => self.material.table(&lead_request(panel, self.selection))?,
        };
        let (id, title) = (&base.id, &base.title);
        let mut links = self.downloads(lead);
        if panel.view != View::Funds {
            let behind = self.behind(lead);
            links.extend(["svg", "png"].map(|format| {
                (
                    format.to_uppercase(),
                    behind.chart(panel.view.code(), format),
                )
            }));
        }
        Ok(Shown {
            say: Some(chart.summary.clone()),
            wide: Some(chart.svg(id, title)),
            phone: phone.map(|phone| phone.svg(&format!("{id}-p"), title)),
            grid: Some(pictures::twin(self, panel)?),
            links,
            ..base
        })
    }

    fn drawn(&self, base: Shown, draw: impl Fn(Width) -> Chart) -> Shown {
        let wide = width(base.share);
        let chart = draw(wide);
        let phone = (wide != Width::Phone).then(|| draw(Width::Phone));
        Shown {
            say: Some(chart.summary.clone()),
            wide: Some(chart.svg(&base.id, &base.title)),
            phone: phone.map(|phone| phone.svg(&format!("{}-p", base.id), &base.title)),
            ..base
        }
    }

    /// What stands behind a table.
    pub(super) fn behind<'a>(&'a self, table: &'a Table) -> Behind<'a> {
        Behind {
            table,
            selection: self.selection,
        }
    }

    fn downloads(&self, table: &Table) -> Vec<(String, String)> {
        let behind = self.behind(table);
        ["csv", "xlsx", "json"]
            .map(|format| (format.to_uppercase(), behind.data(format)))
            .into()
    }

    /// The address of a unit's profile, where there is a page for its dimension.
    pub(super) fn profile(&self, dimension: &str, code: &str) -> Option<String> {
        use crate::presentation::labels::{UNALLOCATED, UNKNOWN};
        if [UNKNOWN, UNALLOCATED].contains(&code) {
            return None;
        }
        let (_, id) = self.profiles.iter().find(|(focus, _)| focus == dimension)?;
        let selection = self.selection.with(dimension, Some(code));
        Some(selection.href(&page(id, self.first), &self.material.programme))
    }

    /// A cell with words of the reader's language.
    pub(super) fn said(&self, text: &Text) -> Cell {
        Cell::text(text.get(self.selection.language))
    }

    /// A column with a heading of the catalogue.
    pub(super) fn column(&self, key: &str, class: &'static str) -> Column {
        Column {
            label: texts::say(self.selection.language, key).to_owned(),
            class,
        }
    }
}

/// A row of words and numbers under a name.
pub(super) fn line(name: impl Into<String>, cells: Vec<Cell>) -> Line {
    let name = name.into();
    Line {
        short: name.clone(),
        name,
        cells,
        ..Line::default()
    }
}

/// The room a panel with this share of a row has.
fn width(share: u8) -> Width {
    match share {
        0..=4 => Width::Phone,
        5..=6 => Width::Half,
        7..=9 => Width::Major,
        _ => Width::Wide,
    }
}
