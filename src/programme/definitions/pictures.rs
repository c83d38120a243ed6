//! Checks of what `dabiao.toml` says for pictures: interruptions and the map of tiles.

use super::{CONFIG_FILE, Programme};
use crate::programme::{Problem, Text};
use std::collections::BTreeSet;

impl Programme {
    pub(super) fn check_interruptions(&self, report: &mut impl FnMut(&str, String, String)) {
        for span in &self.config.interruption {
            if span.to < span.from {
                let (from, to) = (span.from, span.to);
                report(
                    &from.to_string(),
                    format!("interruption: 结束日期 {to} 早于开始日期 {from}"),
                    format!("interruption: it ends on {to}, before it begins on {from}"),
                );
            }
        }
    }

    /// Every tile is a unit, and stands once.
    pub(super) fn check_map(&self, source: &str, problems: &mut Vec<Problem>) {
        let mut placed = BTreeSet::new();
        for tile in self.config.map.tiles.iter().flatten() {
            let code = tile.get_ref().as_str();
            let message = match code {
                "" => continue,
                _ if !self.is_unit(code) => Text::new(
                    format!("map.tiles: 没有单位 {code}"),
                    format!("map.tiles: there is no unit {code}"),
                ),
                _ if !placed.insert(code) => Text::new(
                    format!("map.tiles: 单位 {code} 出现了两次"),
                    format!("map.tiles: the unit {code} stands twice"),
                ),
                _ => continue,
            };
            let place = Some(tile.span().start);
            problems.push(Problem::at_offset(CONFIG_FILE, source, place, message));
        }
    }

    fn is_unit(&self, code: &str) -> bool {
        self.unit_kinds()
            .filter_map(|kind| self.units_of(kind))
            .any(|units| units.get(code).is_some())
    }
}

#[cfg(test)]
mod tests {
    use crate::programme::Programme;
    use crate::project;

    /// What is wrong with the built-in programme after `change`.
    fn problems(change: impl Fn(&str) -> String) -> Vec<String> {
        let mut files = project::built_in();
        let config = files.get_mut("dabiao.toml").unwrap();
        *config = change(config);
        let (_, problems) = Programme::parse(&files);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tile_that_stands_twice_or_is_no_unit_is_told_with_its_line() {
        assert_eq!(problems(str::to_owned), Vec::<String>::new());
        let found = problems(|config| {
            let (before, map) = config.split_once("[map]").unwrap();
            let map = map
                .replacen("\"220182\"", "\"220122\"", 1)
                .replacen("220112", "999999", 1);
            format!("{before}[map]{map}")
        });
        let source = project::built_in()["dabiao.toml"].clone();
        let line = |code: &str| {
            let map = source.lines().position(|line| line == "[map]").unwrap();
            let tile = source
                .lines()
                .skip(map)
                .position(|line| line.contains(code))
                .unwrap();
            map + tile + 1
        };
        let twice = format!(
            "dabiao.toml:{}: map.tiles: 单位 220122 出现了两次 / map.tiles: the unit 220122 stands twice",
            line("220182")
        );
        let unknown = format!(
            "dabiao.toml:{}: map.tiles: 没有单位 999999 / map.tiles: there is no unit 999999",
            line("220112")
        );
        assert_eq!(found, [twice, unknown]);
    }

    #[test]
    fn an_interruption_does_not_end_before_it_begins() {
        let found = problems(|config| config.replacen("to = 2020-04-30", "to = 2019-04-30", 1));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("ends on 2019-04-30, before it begins"),
            "{found:?}"
        );
    }
}
