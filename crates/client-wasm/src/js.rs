//! The client's face in JavaScript, kept thin: what it is made of is documented at the Rust items of the same names.
//!
//! Everything handed out is JavaScript's own. Columns are typed arrays that share nothing with the module's memory;
//! connections and streams are handles, let go of by `free()`, `using` or the garbage collector.

mod abort;
mod columns;
mod connection;
mod error;
mod options;
mod stream;

pub use self::connection::{Connection, connect};
pub use self::options::Options;
pub use self::stream::Stream;
