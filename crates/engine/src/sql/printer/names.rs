//! What PostgreSQL calls a column that has no alias.

use sqlparser::ast::{AccessExpr, Expr, Query, SelectItem, SetExpr, TrimWhereField};

use super::{calls, folded};

const UNNAMED: &str = "?column?";

pub(super) fn of(expr: &Expr) -> String {
    named(expr).unwrap_or_else(|| UNNAMED.to_owned())
}

fn named(expr: &Expr) -> Option<String> {
    let fixed = |name: &str| Some(name.to_owned());
    match expr {
        Expr::Identifier(ident) => Some(folded(ident)),
        Expr::CompoundIdentifier(idents) => idents.last().map(folded),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => named(inner),
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            Some(name.rsplit('.').next().unwrap_or_default().to_owned())
        }
        Expr::Cast { expr, data_type, .. } => {
            named(expr).filter(|_| !matches!(**expr, Expr::Case { .. })).or_else(|| Some(calls::type_name(data_type)))
        }
        Expr::TypedString(typed) => Some(calls::type_name(&typed.data_type)),
        Expr::Case { else_result, .. } => match else_result.as_deref() {
            Some(it @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) => named(it),
            _ => fixed("case"),
        },
        Expr::CompoundFieldAccess { root, access_chain } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(field))) => Some(folded(field)),
            _ => named(root),
        },
        Expr::Subquery(query) => of_query(query),
        Expr::Exists { .. } => fixed("exists"),
        Expr::Array(_) => fixed("array"),
        Expr::Substring { .. } => fixed("substring"),
        Expr::Position { .. } => fixed("position"),
        Expr::Ceil { .. } => fixed("ceil"),
        Expr::Floor { .. } => fixed("floor"),
        Expr::Trim { trim_where, .. } => fixed(match trim_where {
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
            _ => "btrim",
        }),
        _ => None,
    }
}

fn of_query(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else { return None };
    match select.projection.first()? {
        SelectItem::UnnamedExpr(expr) => named(expr),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    }
}
