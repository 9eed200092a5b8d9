//! Connecting over a socket, with what the environment and the user's files say.

mod connect;
mod credentials;
mod environment;
mod subscribe;
mod timer;

pub use self::connect::{Login, connect, connect_as};
pub use self::credentials::Credentials;
pub use self::subscribe::{Subscription, SubscriptionUpdates, subscribe};
pub use self::timer::{TokioTimer, currently_as_ns};
