//! A line between client and server that can be cut.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Passes bytes on in both directions.
pub(crate) struct Line {
    pub(crate) address: SocketAddr,
    accepting: AbortHandle,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Line {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<Mutex<Vec<AbortHandle>>>::default();
        let held = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let passing = tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    copy_bidirectional(&mut client, &mut server).await
                });
                held.lock().unwrap().push(passing.abort_handle());
            }
        });
        Self { address, accepting: accepting.abort_handle(), connections }
    }

    /// Ends all connections. New ones are passed on.
    pub(crate) fn cut(&self) {
        self.connections.lock().unwrap().drain(..).for_each(|passing| passing.abort());
    }

    /// Ends all connections, for good.
    pub(crate) fn close(&self) {
        self.accepting.abort();
        self.cut();
    }
}
