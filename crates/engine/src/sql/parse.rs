//! From text to the one query that it may hold.

use sqlparser::{
    ast::{Query, Statement},
    dialect::PostgreSqlDialect,
    parser::Parser,
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};

use super::{bad, too_much};
use crate::{MAX_SQL_BYTES, Result};

/// How deep parentheses and the like may nest.
const MAX_NESTING: usize = 24;

/// A chain such as `a or b or c` is as deep a tree as it has operators, and whoever walks the tree calls itself that
/// often. Literals, parameters and commas add no depth, so lists may be long.
const MAX_DEEPENING: usize = 1_000;

pub(super) fn parse(text: &str) -> Result<Query> {
    if text.len() > MAX_SQL_BYTES {
        return Err(too_much(format!("a statement has at most {MAX_SQL_BYTES} bytes, this one has {}", text.len())));
    }
    if text.contains('\0') {
        return Err(bad("the statement has a NUL in it"));
    }
    let dialect = PostgreSqlDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|error| bad(error.to_string()))?;
    check_depth(&tokens)?;
    let parser = Parser::new(&dialect).with_recursion_limit(2 * MAX_NESTING);
    let statements = parser.with_tokens_with_locations(tokens).parse_statements();
    let mut statements = statements.map_err(|error| bad(error.to_string()))?.into_iter();
    match (statements.next(), statements.next()) {
        (Some(Statement::Query(query)), None) => Ok(*query),
        (None, _) => Err(bad("the statement is empty")),
        (Some(_), Some(_)) => Err(bad("one statement at a time")),
        (Some(_), None) => Err(bad("only SELECT is offered")),
    }
}

/// Refuses what would nest deeper than the stack allows.
fn check_depth(tokens: &[TokenWithSpan]) -> Result<()> {
    let (mut nesting, mut deepening) = (0_usize, 0);
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket => nesting += 1,
            Token::RParen | Token::RBracket => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        deepening += usize::from(!is_flat(&token.token));
        if nesting > MAX_NESTING {
            return Err(too_much(format!("parentheses nest at most {MAX_NESTING} deep")));
        }
        if deepening > MAX_DEEPENING {
            let message = format!("a statement has at most {MAX_DEEPENING} names and operators; use IN for long lists");
            return Err(too_much(message));
        }
    }
    Ok(())
}

/// Whether any number of these leaves a tree as flat as it is.
const fn is_flat(token: &Token) -> bool {
    matches!(
        token,
        Token::Comma
            | Token::Whitespace(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Placeholder(_)
            | Token::EOF
    )
}
