//! Being told to stop: Ctrl-C or SIGTERM, seen by everything that runs.

use tokio::sync::watch;

/// Turns true at the first Ctrl-C or SIGTERM.
pub(crate) fn signal() -> watch::Receiver<bool> {
    let (tell, told) = watch::channel(false);
    let stopped = wait();
    tokio::spawn(async move {
        stopped.await;
        // Nobody is left to tell when everything has ended by itself.
        let _ = tell.send(true);
    });
    told
}

/// The handler of SIGTERM is in place when this returns, not only when it is first waited for.
fn wait() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let interrupted = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Ok(mut terminated) = terminated {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        // Without a handler there is nothing to wait for; the process ends by the signal itself.
        let _ = interrupted.await;
    }
}
