//! Functions and casts.

use sqlparser::ast::{
    CastKind, CeilFloorKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, Ident, TrimWhereField, Value, WindowFrameBound, WindowFrameUnits,
    WindowSpec, WindowType,
};

use super::{Printer, folded, none_of, quoted, refused};
use crate::Result;

/// The functions that are offered: PostgreSQL's name, ours or SQLite's, and with how many arguments.
const FUNCTIONS: [(&str, &str, std::ops::RangeInclusive<usize>); 58] = [
    ("abs", "abs", 1..=1),
    ("akeys", "pg_akeys", 1..=1),
    ("array_length", "pg_array_length", 2..=2),
    ("array_to_string", "pg_array_to_string", 2..=2),
    ("avals", "pg_avals", 1..=1),
    ("btrim", "pg_btrim", 1..=2),
    ("cardinality", "pg_cardinality", 1..=1),
    ("ceil", "pg_ceil", 1..=1),
    ("ceiling", "pg_ceil", 1..=1),
    ("char_length", "pg_length", 1..=1),
    ("character_length", "pg_length", 1..=1),
    ("coalesce", "coalesce", 2..=100),
    ("concat", "pg_concat_all", 0..=100),
    ("concat_ws", "pg_concat_ws", 1..=100),
    ("defined", "pg_defined", 2..=2),
    ("delete", "pg_delete", 2..=2),
    ("exist", "pg_exist", 2..=2),
    ("exists_all", "pg_exist_all", 2..=2),
    ("exists_any", "pg_exist_any", 2..=2),
    ("floor", "pg_floor", 1..=1),
    ("greatest", "pg_greatest", 1..=100),
    ("hs_concat", "pg_concat", 2..=2),
    ("hs_contained", "pg_contained", 2..=2),
    ("hs_contains", "pg_contains", 2..=2),
    ("hstore", "pg_hstore", 1..=2),
    ("hstore_to_json", "pg_json", 1..=1),
    ("hstore_to_jsonb", "pg_json", 1..=1),
    ("isdefined", "pg_defined", 2..=2),
    ("isexists", "pg_exist", 2..=2),
    ("least", "pg_least", 1..=100),
    ("left", "pg_left", 2..=2),
    ("length", "pg_length", 1..=1),
    ("lower", "pg_lower", 1..=1),
    ("lpad", "pg_lpad", 2..=3),
    ("ltrim", "pg_ltrim", 1..=2),
    ("mod", "pg_mod", 2..=2),
    ("nullif", "nullif", 2..=2),
    ("octet_length", "pg_octet_length", 1..=1),
    ("regexp_like", "pg_regex", 2..=2),
    ("regexp_replace", "pg_regexp_replace", 3..=4),
    ("replace", "pg_replace", 3..=3),
    ("reverse", "pg_reverse", 1..=1),
    ("right", "pg_right", 2..=2),
    ("round", "round", 1..=2),
    ("rpad", "pg_rpad", 2..=3),
    ("rtrim", "pg_rtrim", 1..=2),
    ("sign", "sign", 1..=1),
    ("slice", "pg_slice", 2..=2),
    ("slice_array", "pg_slice_array", 2..=2),
    ("split_part", "pg_split_part", 3..=3),
    ("starts_with", "pg_starts_with", 2..=2),
    ("string_to_array", "pg_string_to_array", 2..=2),
    ("strpos", "pg_strpos", 2..=2),
    ("substr", "pg_substring", 2..=3),
    ("substring", "pg_substring", 2..=3),
    ("to_json", "pg_to_json", 1..=1),
    ("to_jsonb", "pg_to_json", 1..=1),
    ("upper", "pg_upper", 1..=1),
];

/// The functions of a group, or of a window.
const AGGREGATES: [(&str, &str); 12] = [
    ("array_agg", "pg_array_agg"),
    ("avg", "avg"),
    ("bool_and", "min"),
    ("bool_or", "max"),
    ("count", "count"),
    ("every", "min"),
    ("json_agg", "pg_array_agg"),
    ("jsonb_agg", "pg_array_agg"),
    ("max", "max"),
    ("min", "min"),
    ("string_agg", "string_agg"),
    ("sum", "sum"),
];

/// The functions of a window only.
const WINDOWS: [&str; 11] = [
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
];

pub(super) fn is_numeric(function: &str) -> bool {
    let numeric = [
        "abs",
        "array_length",
        "avg",
        "cardinality",
        "ceil",
        "ceiling",
        "char_length",
        "character_length",
        "count",
        "dense_rank",
        "floor",
        "length",
        "mod",
        "ntile",
        "octet_length",
        "rank",
        "round",
        "row_number",
        "sign",
        "strpos",
        "sum",
    ];
    numeric.contains(&function)
}

pub(super) fn is_numeric_cast(function: &str) -> bool {
    ["pg_int", "pg_real", "pg_number"].contains(&function)
}

/// The function that casts to a type.
pub(super) fn cast_function(data_type: &DataType) -> Result<&'static str> {
    Ok(match bare(data_type).as_str() {
        "text" | "varchar" | "character varying" | "char varying" | "char" | "character" | "bpchar" | "name" => {
            "pg_text"
        }
        "int" | "integer" | "bigint" | "smallint" | "int2" | "int4" | "int8" => "pg_int",
        "real" | "float" | "double" | "double precision" | "float4" | "float8" => "pg_real",
        "numeric" | "decimal" => "pg_number",
        "bool" | "boolean" => "pg_to_bool",
        "uuid" => "pg_uuid",
        "hstore" => "pg_hstore",
        "json" | "jsonb" => "pg_json",
        "text[]" | "varchar[]" | "character varying[]" => "pg_array",
        "uuid[]" => "pg_uuid_array",
        _ => return Err(refused(format!("the type {data_type}"))),
    })
}

/// A type's name as PostgreSQL keeps it.
pub(super) fn type_name(data_type: &DataType) -> String {
    let bare = bare(data_type);
    let name = match bare.trim_end_matches("[]") {
        "int" | "integer" | "int4" => "int4",
        "bigint" | "int8" => "int8",
        "smallint" | "int2" => "int2",
        "real" | "float4" => "float4",
        "float" | "double" | "double precision" | "float8" => "float8",
        "decimal" | "numeric" => "numeric",
        "boolean" | "bool" => "bool",
        "character varying" | "char varying" | "varchar" => "varchar",
        "char" | "character" | "bpchar" => "bpchar",
        other => other,
    };
    name.to_owned()
}

/// The type without its length: `varchar` of `VARCHAR(12)`.
fn bare(data_type: &DataType) -> String {
    let name = data_type.to_string().to_lowercase();
    let length = name.find('(').zip(name.find(')'));
    match length {
        Some((from, to)) if from < to => format!("{}{}", &name[..from], &name[to + 1..]),
        _ => name,
    }
}

impl Printer {
    /// What is a function under another form, and functions.
    pub(super) fn function_like(&mut self, expr: &Expr) -> Result<()> {
        match expr {
            Expr::Function(function) => self.function(function),
            Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, format: None } => {
                self.call(cast_function(data_type)?, &[expr])
            }
            Expr::TypedString(typed) => {
                self.call(cast_function(&typed.data_type)?, &[&Expr::Value(typed.value.clone())])
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let args: Vec<&Expr> = [&**expr, from].into_iter().chain(substring_for.as_deref()).collect();
                self.call("pg_substring", &args)
            }
            Expr::Substring { expr, substring_from: None, substring_for: Some(length), .. } => {
                self.call("pg_left", &[expr, length])
            }
            Expr::Position { expr, r#in } => self.call("pg_strpos", &[r#in, expr]),
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let function = match trim_where {
                    Some(TrimWhereField::Leading) => "pg_ltrim",
                    Some(TrimWhereField::Trailing) => "pg_rtrim",
                    _ => "pg_btrim",
                };
                let characters = trim_characters.iter().flatten();
                let args: Vec<&Expr> = [&**expr].into_iter().chain(trim_what.as_deref()).chain(characters).collect();
                self.call(function, &args)
            }
            Expr::Ceil { expr, field } if is_plain(field) => self.call("pg_ceil", &[expr]),
            Expr::Floor { expr, field } if is_plain(field) => self.call("pg_floor", &[expr]),
            other => Err(refused(other)),
        }
    }

    fn function(&mut self, function: &Function) -> Result<()> {
        let name = function.name.to_string().to_lowercase();
        let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
        none_of(function.uses_odbc_syntax || function.null_treatment.is_some(), &format!("this form of {name}()"))?;
        none_of(function.parameters != FunctionArguments::None || !function.within_group.is_empty(), "WITHIN GROUP")?;
        let (args, is_distinct, order_by) = arguments(function)?;
        let is_of_group = AGGREGATES.iter().find(|(known, _)| *known == name).map(|(_, ours)| *ours);
        let ours = match is_of_group {
            Some(ours) => ours,
            None if WINDOWS.contains(&name) && function.over.is_some() => name,
            None => {
                none_of(
                    is_distinct || !order_by.is_empty() || function.filter.is_some() || function.over.is_some(),
                    &format!("this form of {name}()"),
                )?;
                return self.plain_function(name, &args);
            }
        };
        // With two arguments these would be functions of a row.
        none_of(["min", "max"].contains(&ours) && args.len() != 1, &format!("{name}() of several values"))?;
        self.push(&format!("{ours}("));
        self.push(if is_distinct { "DISTINCT " } else { "" });
        self.list(&args, |this, arg| {
            let Some(arg) = arg else {
                this.push("*");
                return Ok(());
            };
            this.value(arg)
        })?;
        if !order_by.is_empty() {
            self.sorted_by(order_by)?;
        }
        self.push(")");
        if let Some(filter) = &function.filter {
            self.push(" FILTER (WHERE ");
            self.condition(filter)?;
            self.push(")");
        }
        match &function.over {
            None => {}
            Some(WindowType::NamedWindow(window)) => {
                let window = self.name(window);
                self.push(&format!(" OVER {window}"));
            }
            Some(WindowType::WindowSpec(window)) => {
                self.push(" OVER (");
                self.window(window)?;
                self.push(")");
            }
        }
        Ok(())
    }

    fn plain_function(&mut self, name: &str, args: &[Option<&Expr>]) -> Result<()> {
        let args: Option<Vec<&Expr>> = args.iter().copied().collect();
        let args = args.ok_or_else(|| refused(format!("{name}(*)")))?;
        if let ("skeys" | "svals" | "unnest", [argument]) = (name, &args[..]) {
            let (reader, column) = match name {
                "skeys" => ("pg_pairs", "key"),
                "svals" => ("pg_pairs", "value"),
                _ => ("pg_items", "value"),
            };
            return self.rows_in_select_list(reader, argument, column);
        }
        let known = FUNCTIONS.iter().find(|(known, _, count)| *known == name && count.contains(&args.len()));
        let (_, ours, _) = known.ok_or_else(|| refused(format!("{name}() with {} arguments", args.len())))?;
        self.call(ours, &args)
    }

    /// `(each(x)).key` and `(each(x)).value`.
    pub(super) fn field_of_each(&mut self, root: &Expr, field: &Ident) -> Result<()> {
        let mut root = root;
        while let Expr::Nested(inner) = root {
            root = inner;
        }
        let field = folded(field);
        if let Expr::Function(function) = root
            && function.name.to_string().eq_ignore_ascii_case("each")
            && ["key", "value"].contains(&field.as_str())
            && let [Some(argument)] = arguments(function)?.0[..]
        {
            return self.rows_in_select_list("pg_pairs", argument, &field);
        }
        Err(refused(format!("{root}.{field}")))
    }

    /// A function that makes several rows of one, which becomes a join.
    fn rows_in_select_list(&mut self, reader: &str, argument: &Expr, column: &str) -> Result<()> {
        let argument = self.captured(|this| this.call(reader, &[argument]))?;
        let known = self.scope().joins.iter().find(|(known, _)| *known == argument).cloned();
        let alias = if let Some((_, alias)) = known {
            alias
        } else {
            none_of(!self.scope().is_select_list, "a function that returns rows outside of the select list and FROM")?;
            none_of(!self.scope().joins.is_empty(), "two functions that return rows in one select list")?;
            self.joins += 1;
            let alias = quoted(&format!("rows {}", self.joins));
            self.scope().joins.push((argument, alias.clone()));
            alias
        };
        self.push(&format!("{alias}.{}", quoted(column)));
        Ok(())
    }

    pub(super) fn window(&mut self, window: &WindowSpec) -> Result<()> {
        if let Some(name) = &window.window_name {
            let name = self.name(name);
            self.push(&name);
        }
        if !window.partition_by.is_empty() {
            self.push(" PARTITION BY ");
            self.list(&window.partition_by, Self::value)?;
        }
        if !window.order_by.is_empty() {
            self.sorted_by(&window.order_by)?;
        }
        let Some(frame) = &window.window_frame else { return Ok(()) };
        self.push(match frame.units {
            WindowFrameUnits::Rows => " ROWS BETWEEN ",
            WindowFrameUnits::Range => " RANGE BETWEEN ",
            WindowFrameUnits::Groups => " GROUPS BETWEEN ",
        });
        self.bound(&frame.start_bound)?;
        self.push(" AND ");
        self.bound(frame.end_bound.as_ref().unwrap_or(&WindowFrameBound::CurrentRow))
    }

    fn bound(&mut self, bound: &WindowFrameBound) -> Result<()> {
        let (rows, side) = match bound {
            WindowFrameBound::CurrentRow => {
                self.push("CURRENT ROW");
                return Ok(());
            }
            WindowFrameBound::Preceding(rows) => (rows, " PRECEDING"),
            WindowFrameBound::Following(rows) => (rows, " FOLLOWING"),
        };
        match rows {
            Some(rows) => self.call("pg_int", &[rows])?,
            None => self.push("UNBOUNDED"),
        }
        self.push(side);
        Ok(())
    }
}

/// The arguments of a call, `None` for `*`, whether they are DISTINCT, and their order.
type Arguments<'a> = (Vec<Option<&'a Expr>>, bool, &'a [sqlparser::ast::OrderByExpr]);

fn arguments(function: &Function) -> Result<Arguments<'_>> {
    let FunctionArguments::List(list) = &function.args else { return Err(refused(function)) };
    let arg = |arg| match arg {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Ok(Some(expr)),
        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(None),
        other => Err(refused(other)),
    };
    let args = list.args.iter().map(arg).collect::<Result<_>>()?;
    let order_by = match &list.clauses[..] {
        [] => &[][..],
        [FunctionArgumentClause::OrderBy(by)] => by,
        _ => return Err(refused(function)),
    };
    Ok((args, list.duplicate_treatment == Some(DuplicateTreatment::Distinct), order_by))
}

fn is_plain(field: &CeilFloorKind) -> bool {
    match field {
        CeilFloorKind::DateTimeField(field) => field.to_string().is_empty() || field.to_string() == "NODATETIME",
        CeilFloorKind::Scale(scale) => matches!(&scale.value, Value::Number(digits, _) if digits == "0"),
    }
}
