//! On which day a record enters an indicator.

use super::compose::{parse, select_of};
use super::definition::Indicator;
use sqlparser::ast::{Expr, SelectItem, SetExpr, TableFactor};

const DATED: &str = "SELECT key_high, key_low, 1 AS date FROM (SELECT 1) AS facts";

impl Indicator {
    /// The query that gives, by their keys, the dates under which the facts take the records of `table`; `None` where the facts
    /// are not a plain selection from that table.
    pub fn dates_of(&self, table: &str) -> Option<String> {
        let SetExpr::Select(facts) = &*self.facts.body else {
            return None;
        };
        let relation = &facts.from.first()?.relation;
        match relation {
            TableFactor::Table { name, .. } if name.to_string() == table => {}
            _ => return None,
        }
        let date = facts.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if alias.value == "date" => Some(expr),
            SelectItem::UnnamedExpr(expr @ Expr::Identifier(name)) if name.value == "date" => {
                Some(expr)
            }
            _ => None,
        })?;
        let mut query = parse(DATED);
        let select = select_of(&mut query);
        select.from[0].relation = relation.clone();
        if let Some(SelectItem::ExprWithAlias { expr, .. }) = select.projection.last_mut() {
            *expr = date.clone();
        }
        Some(query.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition::Indicator;
    use std::collections::BTreeSet;

    fn indicator(facts: &str) -> Indicator {
        let header = "/*\nid = \"x\"\ntitle = { zh = \"x\", en = \"x\" }\nunit = { zh = \"x\", en = \"x\" }\nkind = \"flow\"\n\
                      clause = \"\"\nnote = { zh = \"x\", en = \"x\" }\n*/\n";
        let tables = BTreeSet::from(["training".to_owned(), "certificates".to_owned()]);
        let mut problems = Vec::new();
        let read = Indicator::parse(
            "x.sql",
            "x",
            &[header, facts].concat(),
            &tables,
            &mut problems,
        );
        assert_eq!(problems, vec![]);
        read.expect("no problems")
    }

    #[test]
    fn the_date_of_plain_facts_is_asked_of_every_record() {
        let paid =
            indicator("SELECT paid_on AS date, subsidy AS value FROM training WHERE counted");
        assert_eq!(
            paid.dates_of("training").as_deref(),
            Some("SELECT key_high, key_low, paid_on AS date FROM training")
        );
        assert_eq!(paid.dates_of("certificates"), None);
    }

    #[test]
    fn facts_of_a_subquery_have_no_dates_of_records() {
        let first = indicator(
            "SELECT issued_on AS date, 1 AS value FROM (SELECT issued_on FROM certificates) AS first",
        );
        assert_eq!(first.dates_of("certificates"), None);
    }
}
