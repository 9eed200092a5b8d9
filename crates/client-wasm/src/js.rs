//! The client as JavaScript calls it: raw, for the TypeScript of `npm/` to put a face on.
//!
//! Arguments are positional and of the types they are used as; what is checked is checked here or below. Everything
//! handed out is JavaScript's own: plain objects, and typed arrays that share nothing with the module's memory. A failure
//! is a plain object, too (`error`). `npm/src/btrdb_web.d.ts` declares all of it to TypeScript.

mod arguments;
mod batches;
mod connection;
mod control;
mod error;
mod held;
mod record;
mod results;
mod set;
mod set_tables;
mod stream;
mod stream_arrow;
mod stream_writes;
pub mod time;

pub use self::batches::Batches;
pub use self::connection::{Connection, connect, unasked};
pub use self::control::Control;
pub use self::held::live_handles;
pub use self::set::{Choice, StreamList, StreamSet};
pub use self::stream::Stream;
