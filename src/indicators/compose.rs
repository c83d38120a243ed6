//! One SQL string for a request, made by rewriting the tree of the facts' query: no value is ever formatted into text.

use super::definition::{Indicator, Parts};
use super::dimension::is_time;
use super::table::Kind;
use chrono::NaiveDate;
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr,
    Statement, TableFactor, Value, visit_expressions_mut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// What of the facts is wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Columns to group by.
    pub by: Vec<String>,
    /// First and last day; `None` for open.
    pub from: Option<NaiveDate>,
    /// Last day, included.
    pub to: Option<NaiveDate>,
    /// Filters: column and the values let through; an empty text lets nulls through.
    pub filters: Vec<(String, Vec<String>)>,
    /// Divisions of the scope, as the facts name them; `None` where the facts name none.
    pub scope: Option<Vec<String>>,
    /// Divisions that are read as others: old and new code.
    pub recoded: Vec<(String, String)>,
    /// Whether a column of the calendar is grouped by or filtered on.
    pub calendar: bool,
}

/// Column of the facts that a scope is about.
pub(super) const DIVISION: &str = "division";

const FLOW: &str = "SELECT SUM(value) AS value, COUNT(*) AS facts FROM (SELECT 1) AS facts";
const DISTINCT: &str =
    "SELECT COUNT(DISTINCT person) AS value, COUNT(*) AS facts FROM (SELECT 1) AS facts";
const RATIO: &str = "SELECT SUM(numerator) AS numerator, SUM(denominator) AS denominator, COUNT(*) AS facts FROM (SELECT 1) AS facts";
const STOCK: &str =
    "SELECT date, division, sector, value AS numerator, estimated FROM (SELECT 1) AS facts";
const STOCKS: &str =
    "SELECT date, division, sector, numerator, denominator, estimated FROM (SELECT 1) AS facts";
const EVENTS: &str =
    "SELECT SUM(numerator) AS numerator, SUM(denominator) AS denominator FROM (SELECT 1) AS facts";
const EVENTS_OF: &str = "SELECT SUM(numerator) AS numerator FROM (SELECT 1) AS facts";
const CALENDAR: &str = " INNER JOIN calendar AS calendar ON facts.date = calendar.day";

/// The query that answers `selection` from the indicator's facts. For stocks it gives the facts themselves up to the last day,
/// since which of them stand is decided by their dates.
pub fn compose(indicator: &Indicator, selection: &Selection) -> String {
    let skeleton = match (indicator.kind, indicator.parts) {
        (Kind::Distinct, _) => DISTINCT,
        (Kind::Ratio, Parts::Flow) => RATIO,
        (Kind::Ratio, Parts::Stock) => STOCKS,
        (Kind::Ratio, Parts::Events) if indicator.denominator_of.is_some() => EVENTS_OF,
        (Kind::Ratio, Parts::Events) => EVENTS,
        (Kind::Stock, _) => STOCK,
        (Kind::Flow, _) => FLOW,
    };
    composed(indicator.facts.clone(), skeleton, selection)
}

/// `facts` with some of their columns only, so that the engine reads no others.
pub(super) fn narrowed(facts: &Query, columns: &[&str]) -> String {
    let mut query = parse("SELECT 1 FROM (SELECT 1) AS facts");
    let select = select_of(&mut query);
    if let TableFactor::Derived { subquery, .. } = &mut select.from[0].relation {
        **subquery = facts.clone();
    }
    let columns = columns
        .iter()
        .map(|name| Expr::Identifier(Ident::new(*name)));
    select.projection = columns.map(SelectItem::UnnamedExpr).collect();
    query.to_string()
}

/// `skeleton`, a SELECT from one subquery that stands for the facts, over `facts` and narrowed to `selection`.
pub(super) fn composed(facts: Query, skeleton: &str, selection: &Selection) -> String {
    let joined = selection.calendar.then(|| [skeleton, CALENDAR].concat());
    let mut query = parse(joined.as_deref().unwrap_or(skeleton));
    let select = select_of(&mut query);
    if let TableFactor::Derived { subquery, .. } = &mut select.from[0].relation {
        **subquery = facts;
    }
    let columns: Vec<Expr> = selection
        .by
        .iter()
        .map(|name| selection.column(name))
        .collect();
    let projected = columns
        .iter()
        .zip(&selection.by)
        .map(|(column, name)| match column {
            Expr::Identifier(_) => SelectItem::UnnamedExpr(column.clone()),
            _ => SelectItem::ExprWithAlias {
                expr: column.clone(),
                alias: Ident::new(name),
            },
        });
    select.projection.splice(0..0, projected);
    if !columns.is_empty() {
        select.group_by = GroupByExpr::Expressions(columns, vec![]);
    }
    let scope = selection
        .scope
        .iter()
        .map(|units| among(Expr::Identifier(Ident::new(DIVISION)), units));
    let filters = selection
        .filters
        .iter()
        .map(|(column, values)| among(selection.column(column), values));
    let conditions = days(selection).into_iter().chain(scope).chain(filters);
    select.selection = conditions.reduce(|left, right| binary(left, BinaryOperator::And, right));
    query.to_string()
}

impl Selection {
    /// The columns of the facts that are looked at, besides the date and what is summed up.
    pub(super) fn columns(&self) -> BTreeSet<&str> {
        let filtered = self.filters.iter().map(|(column, _)| column.as_str());
        let scoped = self.scope.iter().map(|_| DIVISION);
        let by = self.by.iter().map(String::as_str);
        let all = by.chain(filtered).chain(scoped);
        all.filter(|column| !is_time(column)).collect()
    }

    /// A column of the facts; divisions that are read as others by their new code.
    fn column(&self, name: &str) -> Expr {
        let column = Expr::Identifier(Ident::new(name));
        if name != DIVISION || self.recoded.is_empty() {
            return column;
        }
        let text = |code: &str| Expr::Value(Value::SingleQuotedString(code.to_owned()).into());
        Expr::Case {
            case_token: AttachedToken::empty(),
            end_token: AttachedToken::empty(),
            operand: None,
            conditions: self
                .recoded
                .iter()
                .map(|(old, new)| CaseWhen {
                    condition: binary(column.clone(), BinaryOperator::Eq, text(old)),
                    result: text(new),
                })
                .collect(),
            else_result: Some(Box::new(column)),
        }
    }
}

fn days(selection: &Selection) -> Vec<Expr> {
    let bounds = [
        (BinaryOperator::GtEq, selection.from),
        (BinaryOperator::LtEq, selection.to),
    ];
    bounds
        .into_iter()
        .filter_map(|(operator, day)| {
            let date = Expr::Identifier(Ident::new("date"));
            Some(binary(date, operator, day_literal(day?)))
        })
        .collect()
}

/// `DATE('2020-09-30')`, by putting the day into the tree of such a call (a form every engine in use knows).
pub(super) fn day_literal(day: NaiveDate) -> Expr {
    let mut query = parse("SELECT DATE('1970-01-01')");
    let SelectItem::UnnamedExpr(mut call) = select_of(&mut query).projection.remove(0) else {
        unreachable!("the skeleton has one unnamed expression");
    };
    let _: ControlFlow<()> = visit_expressions_mut(&mut call, |expression| {
        if let Expr::Value(value) = expression {
            *value = Value::SingleQuotedString(day.to_string()).into();
        }
        ControlFlow::Continue(())
    });
    call
}

fn among(column: Expr, values: &[String]) -> Expr {
    let list: Vec<Expr> = values
        .iter()
        .filter(|value| !value.is_empty())
        .map(|value| Expr::Value(Value::SingleQuotedString(value.clone()).into()))
        .collect();
    let missing = values
        .iter()
        .any(String::is_empty)
        .then(|| Expr::IsNull(Box::new(column.clone())));
    let listed = (!list.is_empty()).then(|| Expr::InList {
        expr: Box::new(column.clone()),
        list,
        negated: false,
    });
    match (listed, missing) {
        (Some(listed), Some(missing)) => {
            Expr::Nested(Box::new(binary(listed, BinaryOperator::Or, missing)))
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Expr::Value(Value::Boolean(false).into()),
    }
}

fn binary(left: Expr, operator: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op: operator,
        right: Box::new(right),
    }
}

pub(super) fn parse(skeleton: &str) -> Query {
    let mut statements =
        Parser::parse_sql(&GenericDialect {}, skeleton).expect("skeletons are SQL");
    match statements.remove(0) {
        Statement::Query(query) => *query,
        _ => unreachable!("skeletons are queries"),
    }
}

pub(super) fn select_of(query: &mut Query) -> &mut Select {
    match &mut *query.body {
        SetExpr::Select(select) => select,
        _ => unreachable!("skeletons are SELECTs"),
    }
}
