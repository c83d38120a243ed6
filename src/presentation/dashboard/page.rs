//! A page as values, and the template that prints it.

use super::file::{Dashboard, Dashboards, Page, Section};
use super::material::Material;
use super::panels::{Maker, Shown};
use super::selection::{self, Selection, period_name};
use super::{print, small_print};
use crate::indicators::table::Table;
use crate::presentation::{labels, texts};
use crate::programme::{Code, Language, Problem, Programme};
use chrono::Datelike;
use serde::Serialize;

/// The head and foot every page has.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// `zh-CN` or `en`.
    pub lang: &'static str,
    /// Title of the page.
    pub title: String,
    /// Title of the programme.
    pub programme: String,
    /// Number of the policy document.
    pub policy: String,
    /// The same page in the other language.
    pub other_language: String,
    /// The pages.
    pub pages: Vec<Choice>,
    /// Data as of, loaded at, next load, snapshot; none before the first load.
    pub fresh: Option<Fresh>,
    /// The data are made up.
    pub synthetic: bool,
}

/// How fresh the page is.
#[derive(Debug, Clone, Serialize)]
pub struct Fresh {
    /// Day the data stand at.
    pub as_of: String,
    /// When they were loaded.
    pub loaded: String,
    /// When the next load is due.
    pub next: Option<String>,
    /// Returns that are missing, and where they are listed.
    pub missing: Option<(String, String)>,
    /// The snapshot shown.
    pub snapshot: String,
    /// A sentence where an older snapshot is shown.
    pub pinned: Option<String>,
    /// The page of this snapshot, for ever.
    pub pinned_link: String,
    /// The page of the newest snapshot, whichever it is.
    pub live_link: String,
}

/// One of several links or options.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What it is called.
    pub name: String,
    /// Its address, or its value in a form.
    pub href: String,
    /// Whether it is what is shown.
    pub current: bool,
}

/// One list a reader chooses from.
#[derive(Debug, Clone, Serialize)]
pub struct Filter {
    /// Name of the parameter.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What there is to choose.
    pub options: Vec<Choice>,
}

/// A row of panels.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its heading.
    pub title: Option<String>,
    /// What is said below it.
    pub note: Option<String>,
    /// Level of its panels' headings: below the one of the section they stand in.
    pub level: u8,
    /// Its panels.
    pub panels: Vec<Shown>,
}

/// A page of figures.
#[derive(Debug, Clone, Serialize)]
pub struct Sheet {
    /// Head and foot.
    pub frame: Frame,
    /// What the page tells.
    pub note: Option<String>,
    /// Whether its first panel is a sentence, which is its heading then.
    pub answered: bool,
    /// Address the form asks for.
    pub action: String,
    /// What can be chosen.
    pub filters: Vec<Filter>,
    /// Units to choose one of, where the page is a profile and none was chosen.
    pub units: Vec<Choice>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Meaning and source: name and text.
    pub small_print: Vec<(String, String)>,
}

/// The selection of a page with all pages there are.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// All pages.
    pub dashboards: &'a Dashboards,
    /// What is selected.
    pub selection: &'a Selection,
}

impl Site<'_> {
    /// Id of the first page: it stands at `/`.
    pub fn first(&self) -> &str {
        self.dashboards.iter().next().map_or("", Page::id)
    }

    /// The page as HTML.
    pub fn page(&self, dashboard: &Dashboard, material: &Material) -> String {
        print::page(
            "page.html",
            &self.sheet(dashboard, material),
            self.selection.language,
        )
    }

    /// The page as values.
    pub fn sheet(&self, dashboard: &Dashboard, material: &Material) -> Sheet {
        let language = self.selection.language;
        let programme = &*material.programme;
        let profiles = self.profiles();
        let maker = Maker {
            selection: self.selection,
            material,
            profiles: &profiles,
            first: self.first(),
        };
        let focus = dashboard.focus.as_deref();
        let chosen = focus.and_then(|focus| Some((focus, self.selection.filter(focus)?)));
        let units = match (focus, chosen) {
            (Some(focus), None) => self.units(&maker, focus),
            _ => Vec::new(),
        };
        let rows: Vec<Row> = match units.is_empty() {
            true => rows(&maker, &dashboard.rows),
            false => Vec::new(),
        };
        let title = match chosen {
            Some((focus, code)) => labels::code(programme, focus, code, language),
            None => dashboard.title.get(language).to_owned(),
        };
        let address = selection::page(&dashboard.id, self.first());
        let mut tables: Vec<&Table> = Vec::new();
        for need in super::material::needs(dashboard, self.selection, &material.catalog) {
            if let super::material::Need::Figures(request) = need
                && let Ok(table) = material.table(&request)
            {
                tables.push(table);
            }
        }
        let small_print = match rows.is_empty() {
            true => Vec::new(),
            false => small_print::lines(programme, &material.catalog, &tables, language),
        };
        Sheet {
            frame: self.frame(&dashboard.id, title, &address, Some(material), programme),
            note: dashboard
                .note
                .as_ref()
                .map(|note| note.get(language).to_owned()),
            answered: rows
                .first()
                .and_then(|row| row.panels.first())
                .is_some_and(|panel| !panel.answer.is_empty()),
            filters: self.filters(dashboard, programme, material),
            action: address,
            units,
            rows,
            small_print,
        }
    }

    /// Pages that are profiles of a unit: the dimension and the page's id.
    fn profiles(&self) -> Vec<(String, String)> {
        self.dashboards
            .iter()
            .filter_map(|page| match page {
                Page::Ready(dashboard) => Some((dashboard.focus.clone()?, dashboard.id.clone())),
                Page::Broken { .. } => None,
            })
            .collect()
    }

    fn units(&self, maker: &Maker<'_>, focus: &str) -> Vec<Choice> {
        let programme = &maker.material.programme;
        let scope = programme.scope(self.selection.scope.as_deref());
        let in_scope = |code: &Code| match focus {
            "division" => scope.is_some_and(|scope| scope.units.contains(&code.code)),
            _ => true,
        };
        programme
            .list_of(focus)
            .iter()
            .filter(|code| in_scope(code))
            .filter_map(|code| {
                Some(Choice {
                    name: labels::code(programme, focus, &code.code, self.selection.language),
                    href: maker.profile(focus, &code.code)?,
                    current: false,
                })
            })
            .collect()
    }

    /// Head and foot of the page with this id.
    pub fn frame(
        &self,
        id: &str,
        title: String,
        address: &str,
        material: Option<&Material>,
        programme: &Programme,
    ) -> Frame {
        let language = self.selection.language;
        let plan = &programme.config.programme;
        let mut other = self.selection.clone();
        other.language = match language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        };
        Frame {
            lang: lang(language),
            title,
            programme: plan.title.get(language).to_owned(),
            policy: plan.policy.clone(),
            other_language: other.href(address, programme),
            pages: self.pages(id, programme),
            fresh: material.map(|material| self.fresh(address, material)),
            synthetic: material.is_some_and(|material| material.freshness.synthetic),
        }
    }

    fn pages(&self, id: &str, programme: &Programme) -> Vec<Choice> {
        let pages = self.dashboards.iter().map(|page| {
            let mut selection = self.selection.clone();
            let (name, kept): (String, Vec<&String>) = match page {
                Page::Ready(dashboard) => (
                    dashboard.title.get(self.selection.language).to_owned(),
                    dashboard.filters.iter().chain(&dashboard.focus).collect(),
                ),
                Page::Broken { id, .. } => (id.clone(), Vec::new()),
            };
            selection.filters.retain(|(name, _)| kept.contains(&name));
            Choice {
                name,
                href: selection.href(&selection::page(page.id(), self.first()), programme),
                current: page.id() == id,
            }
        });
        pages.collect()
    }

    fn fresh(&self, address: &str, material: &Material) -> Fresh {
        let language = self.selection.language;
        let freshness = &material.freshness;
        let programme = &material.programme;
        let minute = "%Y-%m-%d %H:%M";
        let mut live = self.selection.clone();
        live.as_of = None;
        let mut pinned = self.selection.clone();
        pinned.as_of = Some(freshness.snapshot.clone());
        let loaded = freshness.loaded_at.format(minute).to_string();
        let values = [
            ("snapshot", freshness.snapshot.as_str()),
            ("as_of", loaded.as_str()),
        ];
        let reporting = self.dashboards.get("reporting").is_some();
        let missing = (material.missing > 0).then(|| {
            let count = material.missing.to_string();
            let text = texts::fill(language, "fresh_missing", &[("n", &count)]);
            let page = match reporting {
                true => selection::page("reporting", self.first()),
                false => "/api/v1/completeness".to_owned(),
            };
            (text, live.href(&page, programme))
        });
        Fresh {
            as_of: freshness.data_as_of.to_string(),
            next: freshness
                .next_load
                .map(|next| next.format(minute).to_string()),
            missing,
            snapshot: freshness.snapshot.clone(),
            pinned: (freshness.snapshot != freshness.newest)
                .then(|| texts::fill(language, "fresh_pinned", &values)),
            pinned_link: pinned.href(address, programme),
            live_link: live.href(address, programme),
            loaded,
        }
    }

    fn filters(
        &self,
        dashboard: &Dashboard,
        programme: &Programme,
        material: &Material,
    ) -> Vec<Filter> {
        let language = self.selection.language;
        let mut filters = vec![self.periods(programme, material), self.scopes(programme)];
        let scope = programme.scope(self.selection.scope.as_deref());
        for name in dashboard.focus.iter().chain(&dashboard.filters) {
            let current = self.selection.filter(name);
            let usable = |code: &&Code| match name.as_str() {
                "division" => scope.is_some_and(|scope| scope.units.contains(&code.code)),
                _ => true,
            };
            let codes = programme
                .list_of(name)
                .iter()
                .filter(usable)
                .map(|code| Choice {
                    name: labels::code(programme, name, &code.code, language),
                    href: code.code.clone(),
                    current: current == Some(code.code.as_str()),
                });
            let all = Choice {
                name: texts::say(language, "filter_all").to_owned(),
                href: String::new(),
                current: current.is_none(),
            };
            filters.push(Filter {
                name: name.clone(),
                label: labels::dimension(programme, name, language).to_owned(),
                options: std::iter::once(all).chain(codes).collect(),
            });
        }
        filters
    }

    /// The whole programme, its years, the quarters so far, and this year up to the month of the data.
    fn periods(&self, programme: &Programme, material: &Material) -> Filter {
        let language = self.selection.language;
        let whole = programme.period().to_string();
        let current = self
            .selection
            .period
            .clone()
            .unwrap_or_else(|| whole.clone());
        let day = material.freshness.data_as_of;
        let plan = &programme.config.programme;
        let mut names = vec![whole.clone()];
        let years = plan.start.year()..=plan.end.year();
        names.extend(years.clone().map(|year| year.to_string()));
        if years.contains(&day.year()) {
            names.push(format!("ytd:{}", day.format("%Y-%m")));
        }
        let quarters = years.flat_map(|year| (1..=4).map(move |quarter| (year, quarter)));
        let begun =
            |(year, quarter): &(i32, u32)| (*year, quarter * 3 - 2) <= (day.year(), day.month());
        names.extend(
            quarters
                .filter(begun)
                .map(|(year, quarter)| format!("{year}Q{quarter}")),
        );
        if !names.contains(&current) {
            names.push(current.clone());
        }
        let mut known = std::collections::HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        Filter {
            name: "period".to_owned(),
            label: texts::say(language, "choose_period").to_owned(),
            options: names
                .into_iter()
                .map(|name| Choice {
                    name: period_name(&name, language),
                    current: name == current,
                    href: if name == whole { String::new() } else { name },
                })
                .collect(),
        }
    }

    fn scopes(&self, programme: &Programme) -> Filter {
        let language = self.selection.language;
        let usual = &programme.config.programme.default_scope;
        let current = self.selection.scope.as_ref().unwrap_or(usual);
        let scopes = programme.config.scope.iter().map(|scope| Choice {
            name: scope.title.get(language).to_owned(),
            current: scope.id == *current,
            href: match scope.id == *usual {
                true => String::new(),
                false => scope.id.clone(),
            },
        });
        Filter {
            name: "scope".to_owned(),
            label: texts::say(language, "choose_scope").to_owned(),
            options: scopes.collect(),
        }
    }
}

fn rows(maker: &Maker<'_>, sections: &[Section]) -> Vec<Row> {
    let language = maker.selection.language;
    let made = sections.iter().enumerate().map(|(row, section)| Row {
        level: match sections[..=row].iter().any(|above| above.title.is_some()) {
            true => 3,
            false => 2,
        },
        title: section
            .title
            .as_ref()
            .map(|title| title.get(language).to_owned()),
        note: section
            .note
            .as_ref()
            .map(|note| note.get(language).to_owned()),
        panels: section
            .panels
            .iter()
            .enumerate()
            .map(|(column, panel)| maker.panel(panel, format!("p{}-{}", row + 1, column + 1)))
            .collect(),
    });
    made.collect()
}

/// The language as a page names it.
pub fn lang(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh-CN",
        Language::En => "en",
    }
}

/// A page whose file has mistakes: it shows them, and the way to the others.
#[derive(Debug, Clone, Serialize)]
pub struct Mistakes {
    /// Head and foot.
    pub frame: Frame,
    /// Where and what.
    pub problems: Vec<(String, String)>,
}

impl Site<'_> {
    /// The page that shows the mistakes of a dashboard file.
    pub fn mistakes(&self, id: &str, problems: &[Problem], programme: &Programme) -> String {
        let language = self.selection.language;
        let told = problems.iter().map(|problem| {
            let place = match problem.line {
                Some(line) => format!("{}:{line}", problem.file),
                None => problem.file.clone(),
            };
            (place, problem.message.get(language).to_owned())
        });
        let address = selection::page(id, self.first());
        let title = texts::fill(language, "mistakes_title", &[("page", id)]);
        let page = Mistakes {
            frame: self.frame(id, title, &address, None, programme),
            problems: told.collect(),
        };
        print::page("mistakes.html", &page, language)
    }
}
