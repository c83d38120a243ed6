//! Facts that know which record they come from: the columns that name a record are added to the outermost SELECT of the facts'
//! query, through the subqueries it reads.

use crate::engine::schema::FINDINGS;
use crate::programme::{Contract, Programme};
use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, TableFactor, Visit, Visitor,
};
use std::ops::ControlFlow;

/// Before the columns that name a record, so that they meet no column of the facts.
const PREFIX: &str = "fact_";
/// The department that sent the record.
pub(super) const DEPARTMENT: &str = "fact_department";
/// SHA-256 of the submission's bytes.
pub(super) const SUBMISSION: &str = "fact_submission";
/// Row of the submission.
pub(super) const ROW: &str = "fact_row";
/// Number of the load.
pub(super) const LOAD: &str = "fact_load";

/// A facts' query that carries the columns naming its records.
#[derive(Debug, Clone)]
pub(super) struct Carrying {
    /// The query.
    pub(super) facts: Query,
    /// The dataset whose records the facts are.
    pub(super) dataset: String,
    /// The added columns.
    pub(super) columns: Vec<String>,
    /// Those of them that identify a record within its department.
    pub(super) key: Vec<String>,
}

/// `facts` with the columns that name its records; `None` where a fact is no single record of a dataset (it is summed up from
/// several, or comes from a table that does not keep them).
pub(super) fn carrying(facts: &Query, programme: &Programme) -> Option<Carrying> {
    let mut facts = facts.clone();
    let dataset = carry(&mut facts, &mut Vec::new(), programme)?;
    let columns = names_of(&dataset, programme);
    let key = columns
        .iter()
        .filter(|(_, name)| name.starts_with("fact_key"))
        .map(|(_, name)| name.clone());
    Some(Carrying {
        key: key.collect(),
        columns: columns.iter().map(|(_, name)| name.clone()).collect(),
        dataset,
        facts,
    })
}

/// The columns of a table that name its records, and what they are called in the facts.
fn names_of(dataset: &str, programme: &Programme) -> Vec<(String, String)> {
    let contract = programme.contracts.get(dataset);
    let sender = contract.is_some_and(|contract| contract.column("department").is_some());
    let key: Vec<&str> = match contract {
        None => vec!["rule", "record_no"],
        Some(contract) => key_of(contract),
    };
    let key = (0..)
        .zip(key)
        .map(|(place, column): (u32, &str)| (column.to_owned(), format!("{PREFIX}key_{place}")));
    let department = if sender { "sender" } else { "department" };
    std::iter::once((department.to_owned(), DEPARTMENT.to_owned()))
        .chain(key)
        .chain([
            ("submission".to_owned(), SUBMISSION.to_owned()),
            ("row".to_owned(), ROW.to_owned()),
            ("load".to_owned(), LOAD.to_owned()),
        ])
        .collect()
}

fn key_of(contract: &Contract) -> Vec<&str> {
    contract.key.iter().map(String::as_str).collect()
}

/// Subqueries by the name WITH gives them.
type Named = Vec<(String, Box<Query>)>;

/// Adds the columns to a query and gives back the dataset they are of.
fn carry(query: &mut Query, around: &mut Named, programme: &Programme) -> Option<String> {
    let mut named: Named = around.clone();
    let own = query.with.iter().flat_map(|with| &with.cte_tables);
    named.extend(own.map(|cte| (cte.alias.name.value.clone(), cte.query.clone())));
    let SetExpr::Select(select) = &mut *query.body else {
        return None;
    };
    if sums_up(select) {
        return None;
    }
    let (qualifier, dataset, named_already) = source(select, &mut named, programme)?;
    for (column, name) in names_of(&dataset, programme) {
        let column = if named_already { &name } else { &column };
        select.projection.push(SelectItem::ExprWithAlias {
            expr: Expr::CompoundIdentifier(vec![Ident::new(&qualifier), Ident::new(column)]),
            alias: Ident::new(&name),
        });
    }
    if let Some(with) = &mut query.with {
        for cte in &mut with.cte_tables {
            let name = &cte.alias.name.value;
            if let Some((_, changed)) = named.iter().find(|(known, _)| known == name) {
                cte.query.clone_from(changed);
            }
        }
    }
    // What stands around it may have been changed with it.
    let outer = around.len();
    around.clone_from_slice(&named[..outer]);
    Some(dataset)
}

/// The first of the tables a SELECT reads whose rows are records: its name here, its dataset, and whether its columns are
/// named for the facts already.
fn source(
    select: &mut Select,
    named: &mut Named,
    programme: &Programme,
) -> Option<(String, String, bool)> {
    let factors = select.from.iter_mut().flat_map(|from| {
        std::iter::once(&mut from.relation)
            .chain(from.joins.iter_mut().map(|join| &mut join.relation))
    });
    for factor in factors {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let table = name.to_string();
                let here = alias
                    .as_ref()
                    .map_or(&table, |alias| &alias.name.value)
                    .clone();
                if let Some(place) = named.iter().position(|(known, _)| *known == table) {
                    let mut around: Named = named[..place].to_vec();
                    let found = carry(&mut named[place].1, &mut around, programme);
                    // What that query reads may have been changed with it.
                    named.splice(..place, around);
                    if let Some(dataset) = found {
                        return Some((here, dataset, true));
                    }
                } else if programme.contracts.contains_key(&table) || table == FINDINGS {
                    return Some((here, table, false));
                }
            }
            TableFactor::Derived {
                subquery,
                alias: Some(alias),
                ..
            } => {
                if let Some(dataset) = carry(subquery, named, programme) {
                    return Some((alias.name.value.clone(), dataset, true));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether rows of a SELECT are made from several rows it reads.
fn sums_up(select: &Select) -> bool {
    struct Sums(bool);
    impl Visitor for Sums {
        type Break = ();

        fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
            if let Expr::Function(function) = expression {
                let name = function.name.to_string().to_uppercase();
                let sums = ["AVG", "COUNT", "MAX", "MIN", "SUM"].contains(&name.as_str());
                self.0 |= sums && function.over.is_none();
            }
            ControlFlow::Continue(())
        }
    }
    let mut sums = Sums(false);
    let _: ControlFlow<()> = select.projection.visit(&mut sums);
    let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    sums.0 || grouped || select.distinct.is_some() || select.having.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::ast::Statement;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn programme() -> Programme {
        let (programme, problems) = Programme::parse(&crate::project::built_in());
        assert_eq!(problems, vec![]);
        programme.expect("no problems")
    }

    fn rewritten(sql: &str) -> Option<(String, String)> {
        let mut statements = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
        let Statement::Query(query) = statements.remove(0) else {
            panic!("a query");
        };
        let carrying = carrying(&query, &programme())?;
        Some((carrying.dataset, carrying.facts.to_string()))
    }

    #[test]
    fn the_columns_of_the_record_come_through_subqueries() {
        let (dataset, sql) =
            rewritten("SELECT end_date AS date, 1 AS value FROM training WHERE counted").unwrap();
        assert_eq!(dataset, "training");
        assert_eq!(
            sql,
            "SELECT end_date AS date, 1 AS value, training.department AS fact_department, training.record_no AS fact_key_0, \
             training.submission AS fact_submission, training.row AS fact_row, training.load AS fact_load FROM training WHERE counted"
        );
        // Where the contract has a column of that name, the sender stands beside it; a key of several columns has several parts.
        let (dataset, sql) =
            rewritten("SELECT DATE('2020-01-01') AS date, f.amount AS value FROM funds AS f")
                .unwrap();
        assert_eq!(dataset, "funds");
        assert!(
            sql.contains("f.sender AS fact_department") && sql.contains("f.kind AS fact_key_4"),
            "{sql}"
        );
        // Through a subquery, and through WITH in two steps.
        for sql in [
            "SELECT date, 1 AS value FROM (SELECT issued_on AS date FROM certificates) AS c",
            "WITH a AS (SELECT issued_on AS date, person FROM certificates), b AS (SELECT date FROM a) SELECT date, 1 AS value FROM b",
        ] {
            let (dataset, rewritten) = rewritten(sql).unwrap();
            assert_eq!(dataset, "certificates");
            let named = rewritten.matches("AS fact_submission").count();
            assert_eq!(
                named,
                sql.matches("SELECT").count(),
                "every step carries it: {rewritten}"
            );
        }
        // The facts are those of the first table that holds records.
        let joined = "SELECT t.end_date AS date, 1 AS value FROM snapshot CROSS JOIN training AS t INNER JOIN institutions AS i ON t.institution = i.code";
        let (dataset, sql) = rewritten(joined).unwrap();
        assert_eq!(dataset, "training");
        assert!(sql.contains("t.row AS fact_row"), "{sql}");
    }

    #[test]
    fn what_is_summed_up_names_no_record() {
        for sql in [
            "SELECT end_date AS date, COUNT(*) AS value FROM training GROUP BY end_date",
            "SELECT DISTINCT end_date AS date, person FROM training",
            "SELECT date, value FROM (SELECT end_date AS date, SUM(hours) AS value FROM training GROUP BY end_date) AS t",
            "SELECT date, skilled AS numerator FROM register",
        ] {
            assert!(rewritten(sql).is_none(), "{sql}");
        }
    }
}
