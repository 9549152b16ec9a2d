//! Being told to stop: Ctrl-C or SIGTERM, seen by everything that runs.

use tokio::sync::watch;

/// Turns true at the first Ctrl-C or SIGTERM.
pub(crate) fn signal() -> watch::Receiver<bool> {
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        wait().await;
        // Nobody is left to tell when everything has ended by itself.
        let _ = tell.send(true);
    });
    told
}

async fn wait() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a handler there is nothing to wait for; the process ends by the signal itself.
    let _ = interrupted.await;
}
