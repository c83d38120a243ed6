//! Dashboard files (DESIGN §9): TOML, strict; every mistake of every file is told, and a file with a mistake takes no other
//! page down.

use super::view::View;
use crate::indicators::{Catalog, TIME_DIMENSIONS, unknown};
use crate::programme::{Files, Problem, Programme, Text};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// Folder of the dashboards.
pub const DASHBOARDS: &str = "dashboards/";

/// Shares of a row a panel may have, in twelfths.
const TWELFTHS: u8 = 12;

/// For whom a page is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Leaders of the city and the leading group.
    Leaders,
    /// Staff of departments and districts.
    Staff,
    /// Auditors.
    Auditors,
    /// Everybody.
    Public,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Its id, the name of its file and of its address.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What it tells, in a sentence.
    pub note: Option<Text>,
    /// For whom it is.
    pub audience: Audience,
    /// Its place in the list of pages.
    pub order: u32,
    /// Dimensions a reader may filter by.
    pub filters: Vec<String>,
    /// The dimension a reader chooses one code of before there is anything to show: a profile.
    pub focus: Option<String>,
    /// Its rows.
    pub rows: Vec<Section>,
}

/// A row of panels under a heading.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading.
    pub title: Option<Text>,
    /// What is said below it.
    pub note: Option<Text>,
    /// The panels, left to right.
    pub panels: Vec<Panel>,
}

/// One figure, chart or table of a page.
#[derive(Debug, Clone)]
pub struct Panel {
    /// How it is shown.
    pub view: View,
    /// The indicators, the one that leads first.
    pub indicators: Vec<String>,
    /// The dimensions of its breakdown.
    pub by: Vec<String>,
    /// Its own period instead of the reader's.
    pub period: Option<String>,
    /// Its own title instead of the indicator's.
    pub title: Option<Text>,
    /// What begins its sentence, where it is one.
    pub lead: Option<Text>,
    /// Rows shown at most.
    pub limit: Option<usize>,
    /// Its share of the row, in twelfths.
    pub share: u8,
}

impl Panel {
    /// A panel of one indicator by itself.
    pub fn single(view: View, indicator: &str, by: Vec<String>) -> Self {
        Self {
            view,
            indicators: vec![indicator.to_owned()],
            by,
            period: None,
            title: None,
            lead: None,
            limit: None,
            share: TWELFTHS,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: Spanned<String>,
    title: Text,
    note: Option<Text>,
    audience: Audience,
    #[serde(default)]
    order: u32,
    #[serde(default)]
    filters: Vec<Spanned<String>>,
    focus: Option<Spanned<String>>,
    row: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    title: Option<Text>,
    note: Option<Text>,
    panels: Vec<Spanned<PanelFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelFile {
    view: Spanned<String>,
    indicator: Option<Spanned<String>>,
    #[serde(default)]
    indicators: Vec<Spanned<String>>,
    #[serde(default)]
    by: Vec<Spanned<String>>,
    period: Option<String>,
    title: Option<Text>,
    lead: Option<Text>,
    limit: Option<usize>,
    share: Option<u8>,
}

/// A page that can be shown, or the mistakes of its file.
#[derive(Debug, Clone)]
pub enum Page {
    /// It can be shown.
    Ready(Box<Dashboard>),
    /// Its file has mistakes.
    Broken {
        /// Id by the name of its file.
        id: String,
        /// The mistakes.
        problems: Vec<Problem>,
    },
}

impl Page {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Ready(dashboard) => &dashboard.id,
            Self::Broken { id, .. } => id,
        }
    }

    fn order(&self) -> (u32, &str) {
        match self {
            Self::Ready(dashboard) => (dashboard.order, &dashboard.id),
            Self::Broken { id, .. } => (u32::MAX, id),
        }
    }
}

/// The pages of a project in their order.
#[derive(Debug, Clone, Default)]
pub struct Dashboards {
    pages: Vec<Page>,
}

impl Dashboards {
    /// Reads the dashboard files of a project against its programme and indicators.
    pub fn parse(files: &Files, programme: &Programme, catalog: &Catalog) -> Self {
        let mut pages: Vec<Page> = files
            .iter()
            .filter_map(|(path, source)| {
                let id = path.strip_prefix(DASHBOARDS)?.strip_suffix(".toml")?;
                let reader = Reader::new(path, source, programme, catalog);
                Some(reader.page(id))
            })
            .collect();
        if pages.is_empty() {
            pages.extend(headlines(programme, catalog).map(|page| Page::Ready(Box::new(page))));
        }
        pages.sort_by(|a, b| a.order().cmp(&b.order()));
        Self { pages }
    }

    /// The pages.
    pub fn iter(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter()
    }

    /// The page of this id.
    pub fn get(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id() == id)
    }

    /// All mistakes of all files.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.pages.iter().flat_map(|page| match page {
            Page::Ready(_) => &[][..],
            Page::Broken { problems, .. } => problems,
        })
    }
}

/// The page of a project without dashboard files: its headlines, and the first of them by a dimension its targets are set for.
fn headlines(programme: &Programme, catalog: &Catalog) -> Option<Dashboard> {
    let headlines = &programme.config.dashboard.headlines;
    let lead = headlines.first().and_then(|id| catalog.get(id))?;
    let tiles = headlines.iter().filter(|id| catalog.get(id).is_some());
    let tiles: Vec<Panel> = tiles
        .take(usize::from(TWELFTHS))
        .map(|id| Panel::single(View::Tile, id, Vec::new()))
        .collect();
    let share = TWELFTHS / u8::try_from(tiles.len().clamp(1, 4)).unwrap_or(1);
    let tiles: Vec<Panel> = tiles
        .into_iter()
        .map(|panel| Panel { share, ..panel })
        .collect();
    let of_lead = catalog.dimensions(programme, &lead.id);
    let unit = of_lead
        .iter()
        .find(|name| {
            programme
                .dimension(name)
                .is_some_and(|dimension| dimension.unit)
        })
        .or(of_lead.first());
    let by_unit = unit.into_iter().flat_map(|unit| {
        [View::Bullets, View::Table]
            .map(|view| Panel::single(view, &lead.id, vec![(*unit).to_owned()]))
    });
    let rows = std::iter::once(tiles).chain(by_unit.map(|panel| vec![panel]));
    Some(Dashboard {
        id: "overview".to_owned(),
        title: Text::new("总览", "Overview"),
        note: None,
        audience: Audience::Leaders,
        order: 0,
        filters: Vec::new(),
        focus: None,
        rows: rows
            .map(|panels| Section {
                title: None,
                note: None,
                panels,
            })
            .collect(),
    })
}

struct Reader<'a> {
    path: &'a str,
    source: &'a str,
    programme: &'a Programme,
    catalog: &'a Catalog,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(path: &'a str, source: &'a str, programme: &'a Programme, catalog: &'a Catalog) -> Self {
        Self {
            path,
            source,
            programme,
            catalog,
            problems: Vec::new(),
        }
    }

    fn page(mut self, stem: &str) -> Page {
        let dashboard = match toml::from_str::<File>(self.source) {
            Ok(file) => Some(self.dashboard(file, stem)),
            Err(error) => {
                let message = error.message().to_owned();
                self.problems.push(Problem::at_offset(
                    self.path,
                    self.source,
                    error.span().map(|span| span.start),
                    Text::new(format!("格式有误: {message}"), message),
                ));
                None
            }
        };
        match dashboard.filter(|_| self.problems.is_empty()) {
            Some(dashboard) => Page::Ready(Box::new(dashboard)),
            None => Page::Broken {
                id: stem.to_owned(),
                problems: self.problems,
            },
        }
    }

    fn problem<T>(&mut self, at: &Spanned<T>, zh: impl Into<String>, en: impl Into<String>) {
        let offset = Some(at.span().start);
        let message = Text::new(zh, en);
        self.problems
            .push(Problem::at_offset(self.path, self.source, offset, message));
    }

    fn unknown<T>(&mut self, at: &Spanned<T>, what: (&str, &str), found: &str, known: &[&str]) {
        if let crate::indicators::Error::Unknown(text) = unknown(what.0, what.1, found, known) {
            self.problem(at, text.zh, text.en);
        }
    }

    fn dashboard(&mut self, file: File, stem: &str) -> Dashboard {
        if file.id.get_ref() != stem {
            let id = file.id.get_ref().clone();
            self.problem(
                &file.id,
                format!("id “{id}” 与文件名 {stem} 不一致"),
                format!("the id \"{id}\" is not the name of the file, {stem}"),
            );
        }
        let dimensions: Vec<String> = self
            .programme
            .dimensions()
            .iter()
            .map(|dimension| dimension.id.clone())
            .collect();
        let names: Vec<&str> = dimensions.iter().map(String::as_str).collect();
        for name in file.filters.iter().chain(&file.focus) {
            if !names.contains(&name.get_ref().as_str()) {
                self.unknown(name, ("维度", "dimension"), name.get_ref(), &names);
            }
        }
        Dashboard {
            id: file.id.into_inner(),
            title: file.title,
            note: file.note,
            audience: file.audience,
            order: file.order,
            filters: file.filters.into_iter().map(Spanned::into_inner).collect(),
            focus: file.focus.map(Spanned::into_inner),
            rows: file.row.into_iter().map(|row| self.section(row)).collect(),
        }
    }

    fn section(&mut self, row: RowFile) -> Section {
        let count = u8::try_from(row.panels.len().max(1)).unwrap_or(TWELFTHS);
        let shares: u32 = row
            .panels
            .iter()
            .map(|panel| u32::from(panel.get_ref().share.unwrap_or(TWELFTHS / count)))
            .sum();
        if let Some(first) = row.panels.first()
            && (shares > u32::from(TWELFTHS)
                || row.panels.iter().any(|p| p.get_ref().share == Some(0)))
        {
            self.problem(
                first,
                format!("一行各栏的 share 之和为 {shares}，应在 1 到 {TWELFTHS} 之间"),
                format!("the shares of a row add up to {shares}; they are twelfths, from 1 to {TWELFTHS}"),
            );
        }
        Section {
            title: row.title,
            note: row.note,
            panels: row
                .panels
                .into_iter()
                .filter_map(|panel| self.panel(panel, TWELFTHS / count))
                .collect(),
        }
    }

    fn panel(&mut self, panel: Spanned<PanelFile>, usual: u8) -> Option<Panel> {
        let file = panel.get_ref();
        let names = View::ALL.map(View::code);
        let Some(view) = View::of(file.view.get_ref()) else {
            self.unknown(&file.view, ("视图", "view"), file.view.get_ref(), &names);
            return None;
        };
        let named: Vec<&Spanned<String>> = file.indicator.iter().chain(&file.indicators).collect();
        self.check_indicators(&panel, view, &named);
        self.check_dimensions(&panel, view, &named);
        if let Some(period) = &file.period
            && let Err(crate::indicators::Error::Unknown(text)) =
                crate::indicators::period_of(self.programme, Some(period))
        {
            self.problem(&panel, text.zh, text.en);
        }
        Some(Panel {
            view,
            indicators: named.iter().map(|name| name.get_ref().clone()).collect(),
            by: file.by.iter().map(|name| name.get_ref().clone()).collect(),
            period: file.period.clone(),
            title: file.title.clone(),
            lead: file.lead.clone(),
            limit: file.limit,
            share: file.share.unwrap_or(usual),
        })
    }

    fn check_indicators(
        &mut self,
        panel: &Spanned<PanelFile>,
        view: View,
        named: &[&Spanned<String>],
    ) {
        let known: Vec<&str> = self.catalog.iter().map(|each| each.id.as_str()).collect();
        for name in named {
            if !known.contains(&name.get_ref().as_str()) {
                self.unknown(name, ("指标", "indicator"), name.get_ref(), &known);
            }
        }
        let (least, most) = view.indicators();
        if !(least..=most).contains(&named.len()) {
            let (view, found) = (view.code(), named.len());
            self.problem(
                panel,
                format!("视图 {view} 要 {least} 到 {most} 个指标，给了 {found} 个"),
                format!("the view {view} takes {least} to {most} indicators, not {found}"),
            );
        }
        for name in named {
            let kind = self.catalog.get(name.get_ref()).map(|each| each.kind);
            if let Some(kind) = kind
                && let Err(text) = view.takes(Some(kind), view.dimensions().0)
            {
                self.problem(name, text.zh, text.en);
            }
        }
    }

    fn check_dimensions(
        &mut self,
        panel: &Spanned<PanelFile>,
        view: View,
        named: &[&Spanned<String>],
    ) {
        let by = &panel.get_ref().by;
        if let Err(text) = view.takes(None, by.len()) {
            self.problem(panel, text.zh, text.en);
        }
        let mut known: BTreeSet<&str> = TIME_DIMENSIONS.into_iter().collect();
        let programme = self.programme;
        match named.first() {
            Some(lead) => known.extend(self.catalog.dimensions(programme, lead.get_ref())),
            None => known.extend(programme.dimensions().iter().map(|each| each.id.as_str())),
        }
        let known: Vec<&str> = known.into_iter().collect();
        for name in by {
            if !known.contains(&name.get_ref().as_str()) {
                self.unknown(name, ("维度", "dimension"), name.get_ref(), &known);
            }
        }
    }
}
