//! What kind of value an expression has, as far as one can see from its form.

use sqlparser::ast::{BinaryOperator as Op, Expr, Ident, UnaryOperator, Value};

use super::{calls, folded};

/// Whether the expression is true or false, so that SQLite would show it as a number.
pub(super) fn is_condition(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_condition(inner),
        Expr::UnaryOp { op: UnaryOperator::Not, .. }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::Exists { .. } => true,
        Expr::BinaryOp { op, .. } => is_comparison(op) || matches!(op, Op::And | Op::Or),
        _ => false,
    }
}

pub(super) const fn is_comparison(op: &Op) -> bool {
    matches!(op, Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq)
}

/// Whether the expression is a number, so that PostgreSQL would read a string beside it as one.
pub(super) fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        Expr::Nested(inner) => is_number(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, .. } | Expr::Position { .. } => true,
        Expr::BinaryOp { op, .. } => {
            matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo)
        }
        Expr::Cast { data_type, .. } => calls::cast_function(data_type).is_ok_and(calls::is_numeric_cast),
        Expr::Function(function) => calls::is_numeric(&function.name.to_string().to_lowercase()),
        _ => is_column(expr, "property_version"),
    }
}

pub(super) fn is_uuid(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_uuid(inner),
        Expr::Cast { data_type, .. } => calls::cast_function(data_type).is_ok_and(|cast| cast == "pg_uuid"),
        _ => is_column(expr, "uuid"),
    }
}

/// Whether PostgreSQL would read the expression as what stands beside it.
pub(super) fn is_untyped(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_untyped(inner),
        Expr::Value(value) => matches!(value.value, Value::SingleQuotedString(_) | Value::Placeholder(_)),
        _ => false,
    }
}

fn is_column(expr: &Expr, name: &str) -> bool {
    let is_it = |ident: &Ident| folded(ident) == name;
    match expr {
        Expr::Identifier(ident) => is_it(ident),
        Expr::CompoundIdentifier(idents) => idents.last().is_some_and(is_it),
        _ => false,
    }
}
