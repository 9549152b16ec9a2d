//! A WebSocket between client and device: its frames are followed (RFC 6455 §5), what the client sends is held to the limits of
//! the site, and what is beyond them ends it with a code that says why.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::config::WebSocketLimits;
use crate::http1::wire::Wire;
use crate::refusal::Reason;
use crate::upstream::Link;

/// A fragment shorter than this counts as a message, so that a message is no flood of crumbs.
const CRUMB: u64 = 1024;
/// Bytes of a control frame (RFC 6455 §5.5).
const CONTROL: u64 = 125;
/// Bytes of the longest head: two, eight of a length, four of a mask.
const LONGEST_HEAD: usize = 14;
/// Time to say goodbye in.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// Bytes of a client that are read over after the end, so that it sees why and not a reset.
const READ_OVER: usize = 256 * 1024;

/// What ends a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    /// A message is longer than allowed.
    TooLong,
    /// More messages in a second than allowed.
    TooMany,
    /// A frame that is none.
    NoFrame,
    /// Nothing moved.
    Idle,
}

impl Breach {
    /// The code of the closing frame (RFC 6455 §7.4.1).
    const fn code(self) -> u16 {
        match self {
            Breach::TooLong => 1009,
            Breach::TooMany => 1008,
            Breach::NoFrame => 1002,
            Breach::Idle => 1001,
        }
    }

    /// The row of the event; none for what is no fault.
    pub(crate) const fn reason(self) -> Option<Reason> {
        match self {
            Breach::TooLong => Some(Reason::WebSocketMessage),
            Breach::TooMany => Some(Reason::WebSocketRate),
            Breach::NoFrame => Some(Reason::WebSocketFrame),
            Breach::Idle => None,
        }
    }
}

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    last: bool,
    opcode: u8,
    masked: bool,
    length: u64,
}

/// A head, once it is whole.
fn read_head(bytes: &[u8]) -> Result<Option<Head>, Breach> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    let masked = second & 0x80 != 0;
    let (length, used) = match second & 0x7f {
        126 => match rest {
            [high, low, ..] => (u64::from(u16::from_be_bytes([*high, *low])), 2),
            _ => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 8),
            None => return Ok(None),
        },
        short => (u64::from(short), 0),
    };
    if length > i64::MAX.unsigned_abs() {
        return Err(Breach::NoFrame);
    }
    if rest.len() < used + if masked { 4 } else { 0 } {
        return Ok(None);
    }
    Ok(Some(Head { last: first & 0x80 != 0, opcode: first & 0x0f, masked, length }))
}

/// Follows the frames of one direction. A head is handed on when it is whole, so that what was handed on ends at a frame's end
/// whenever a head is refused.
#[derive(Debug, Default)]
struct Frames {
    head: Vec<u8>,
    left: u64,
}

impl Frames {
    /// Puts what may be handed on into `out`.
    fn pass(
        &mut self,
        mut bytes: &[u8],
        out: &mut Vec<u8>,
        mut judge: impl FnMut(Head) -> Result<(), Breach>,
    ) -> Result<(), Breach> {
        while let [first, after @ ..] = bytes {
            if self.left > 0 {
                let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (payload, rest) = bytes.split_at(most);
                out.extend_from_slice(payload);
                self.left -= payload.len() as u64;
                bytes = rest;
                continue;
            }
            self.head.push(*first);
            bytes = after;
            if let Some(head) = read_head(&self.head)? {
                judge(head)?;
                out.append(&mut self.head);
                self.left = head.length;
            } else if self.head.len() >= LONGEST_HEAD {
                return Err(Breach::NoFrame);
            }
        }
        Ok(())
    }

    /// Whether a frame of our own may follow what was handed on.
    const fn at_end(&self) -> bool {
        self.left == 0
    }
}

/// Holds what a client sends to the limits.
#[derive(Debug)]
struct Meter {
    limits: WebSocketLimits,
    /// Bytes of the message that is not at its end.
    open: Option<u64>,
    /// When the messages so far would have been sent at the rate allowed.
    due: Instant,
}

impl Meter {
    fn new(limits: WebSocketLimits, now: Instant) -> Meter {
        Meter { limits, open: None, due: now }
    }

    fn frame(&mut self, head: Head, now: Instant) -> Result<(), Breach> {
        // RFC 6455 §5.1: a client masks.
        if !head.masked {
            return Err(Breach::NoFrame);
        }
        if head.opcode >= 8 {
            let right = head.last && head.length <= CONTROL && head.opcode <= 10;
            return if right { self.message(now) } else { Err(Breach::NoFrame) };
        }
        let before = match (head.opcode, self.open) {
            (0, Some(before)) => before,
            (1 | 2, None) => 0,
            _ => return Err(Breach::NoFrame),
        };
        let length = before.saturating_add(head.length);
        if length > self.limits.message_bytes {
            return Err(Breach::TooLong);
        }
        self.open = (!head.last).then_some(length);
        if head.opcode != 0 || head.length < CRUMB { self.message(now) } else { Ok(()) }
    }

    /// A second's messages may come at once.
    fn message(&mut self, now: Instant) -> Result<(), Breach> {
        let second = Duration::from_secs(1);
        self.due = self.due.max(now) + second / self.limits.messages_per_second.max(1);
        if self.due.duration_since(now) > second { Err(Breach::TooMany) } else { Ok(()) }
    }
}

/// What both directions share.
struct Shared {
    moved: Mutex<Instant>,
    over: watch::Sender<Option<Breach>>,
}

impl Shared {
    fn moved(&self) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both directions, until one side ends, nothing moves for too long, or a limit is passed. `tell` hears of what passes a limit at
/// once. `closes`: whether that ends it; where it does not, it is told once and the rest is not looked at.
pub(crate) async fn tunnel<R, W>(
    client: (Wire<R>, W),
    device: Link,
    limits: WebSocketLimits,
    closes: bool,
    tell: impl Fn(Breach) + Send + Sync,
) where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let (client_read, from_client) = client.0.into_parts();
    let (device_read, from_device) = device.read.into_parts();
    let (over, heard) = watch::channel(None);
    let shared = Shared { moved: Mutex::new(Instant::now()), over };
    let meter = Meter::new(limits, Instant::now());
    let up = Up { meter: Some(meter), frames: Frames::default(), closes, shared: &shared, tell: &tell };
    let up = up.run(client_read, from_client, device.write, heard.clone());
    let down = down(device_read, from_device, client.1, &shared, heard.clone());
    let ends = ends(&shared, limits.idle, heard);
    tokio::select! {
        ((), ()) = async { tokio::join!(up, down) } => {}
        () = ends => {}
    }
}

/// Waits for what ends it.
async fn is_over(heard: &mut watch::Receiver<Option<Breach>>) -> Option<Breach> {
    heard.wait_for(Option::is_some).await.ok().and_then(|it| *it)
}

/// Ends what nothing moves in; and what is over, but does not come to its end.
async fn ends(shared: &Shared, idle: Duration, mut heard: watch::Receiver<Option<Breach>>) {
    loop {
        let until = shared.last() + idle;
        tokio::select! {
            _ = is_over(&mut heard) => {
                sleep(CLOSE_TIME * 2).await;
                return;
            }
            () = sleep_until(until) => {
                if shared.last() + idle <= Instant::now() {
                    shared.over.send_replace(Some(Breach::Idle));
                }
            }
        }
    }
}

/// From the client to the device.
struct Up<'s, T> {
    /// `None`: nothing is looked at any more.
    meter: Option<Meter>,
    frames: Frames,
    closes: bool,
    shared: &'s Shared,
    tell: &'s T,
}

impl<T: Fn(Breach)> Up<'_, T> {
    async fn run<R, W>(
        mut self,
        mut from: R,
        first: Vec<u8>,
        mut to: W,
        mut heard: watch::Receiver<Option<Breach>>,
    ) where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut buffer = first;
        loop {
            let (out, breach) = self.look(&buffer);
            if !out.is_empty() && put(&mut to, &out).await.is_err() {
                break;
            }
            self.shared.moved();
            if let Some(breach) = breach {
                self.shared.over.send_replace(Some(breach));
                say_goodbye(&mut to, breach, true).await;
                read_over(&mut from).await;
                return;
            }
            buffer.clear();
            buffer.reserve(16 * 1024);
            tokio::select! {
                read = from.read_buf(&mut buffer) => if !matches!(read, Ok(1..)) { break },
                over = is_over(&mut heard) => {
                    if let Some(breach) = over.filter(|_| self.meter.is_none() || self.frames.at_end()) {
                        say_goodbye(&mut to, breach, true).await;
                    }
                    read_over(&mut from).await;
                    return;
                }
            }
        }
        // The other direction goes on until it ends, too: a half-closed connection is one.
        let _ = to.shutdown().await;
    }

    /// What is handed on of some bytes, and what ends it.
    fn look(&mut self, bytes: &[u8]) -> (Vec<u8>, Option<Breach>) {
        let Some(meter) = &mut self.meter else { return (bytes.to_vec(), None) };
        let now = Instant::now();
        let mut out = Vec::with_capacity(bytes.len() + LONGEST_HEAD);
        let held = self.frames.head.clone();
        let Err(breach) = self.frames.pass(bytes, &mut out, |head| meter.frame(head, now)) else {
            return (out, None);
        };
        (self.tell)(breach);
        if self.closes {
            return (out, Some(breach));
        }
        self.meter = None;
        ([held.as_slice(), bytes].concat(), None)
    }
}

/// From the device to the client.
async fn down<R, W>(
    mut from: R,
    first: Vec<u8>,
    mut to: W,
    shared: &Shared,
    mut heard: watch::Receiver<Option<Breach>>,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    // A device that sends no frames is followed no further: its bytes are handed on as they come.
    let mut frames = Some(Frames::default());
    let mut buffer = first;
    loop {
        let mut out = Vec::with_capacity(buffer.len() + LONGEST_HEAD);
        let held = frames.as_ref().map(|it| it.head.clone()).unwrap_or_default();
        let followed = frames.as_mut().map(|it| it.pass(&buffer, &mut out, |_| Ok(())));
        if !matches!(followed, Some(Ok(()))) {
            frames = None;
            out = [held.as_slice(), &buffer].concat();
        }
        if !out.is_empty() && put(&mut to, &out).await.is_err() {
            break;
        }
        shared.moved();
        let over = *heard.borrow();
        if let (Some(breach), true) = (over, frames.as_ref().is_none_or(Frames::at_end)) {
            say_goodbye(&mut to, breach, false).await;
            return;
        }
        buffer.clear();
        buffer.reserve(16 * 1024);
        tokio::select! {
            read = from.read_buf(&mut buffer) => if !matches!(read, Ok(1..)) { break },
            // In the middle of a frame nothing of ours can follow: its rest is waited for.
            _ = heard.changed() => {}
        }
    }
    let _ = to.shutdown().await;
}

async fn put<W: AsyncWrite + Unpin>(to: &mut W, bytes: &[u8]) -> std::io::Result<()> {
    to.write_all(bytes).await?;
    to.flush().await
}

/// A closing frame, and the end. Whoever does not take it in time has had his chance.
async fn say_goodbye<W: AsyncWrite + Unpin>(to: &mut W, breach: Breach, masked: bool) {
    let mut frame = vec![0x88, if masked { 0x82 } else { 2 }];
    let mut payload = breach.code().to_be_bytes();
    if masked {
        // RFC 6455 §5.3: a mask nobody can foretell.
        let mask = RandomState::new().hash_one(frame.len()).to_be_bytes();
        payload.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        frame.extend(mask.iter().take(4));
    }
    frame.extend_from_slice(&payload);
    let _ = timeout(CLOSE_TIME, async {
        put(to, &frame).await?;
        to.shutdown().await
    })
    .await;
}

async fn read_over<R: AsyncRead + Unpin>(from: &mut R) {
    let read = async {
        let mut left = READ_OVER;
        let mut piece = vec![0; 8 * 1024];
        while left > 0 {
            match from.read(&mut piece).await {
                Ok(length @ 1..) => left = left.saturating_sub(length),
                Ok(0) | Err(_) => break,
            }
        }
    };
    let _ = timeout(CLOSE_TIME, read).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Breach, Frames, Head, Meter, read_head};
    use crate::config::WebSocketLimits;

    fn limits(message_bytes: u64, messages_per_second: u32) -> WebSocketLimits {
        WebSocketLimits { message_bytes, messages_per_second, idle: Duration::from_secs(1) }
    }

    fn data(opcode: u8, last: bool, length: u64) -> Head {
        Head { last, opcode, masked: true, length }
    }

    #[test]
    fn heads_are_read_as_the_specification_shows_them() {
        // RFC 6455 §5.7.
        for (bytes, last, opcode, masked, length) in [
            (&[0x81, 0x05][..], true, 1, false, 5),
            (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], true, 1, true, 5),
            (&[0x01, 0x03], false, 1, false, 3),
            (&[0x89, 0x05], true, 9, false, 5),
            (&[0x82, 0x7e, 0x01, 0x00], true, 2, false, 256),
            (&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], true, 2, false, 65_536),
        ] {
            assert_eq!(read_head(bytes), Ok(Some(Head { last, opcode, masked, length })), "{bytes:02x?}");
            for cut in 0..bytes.len() {
                assert_eq!(read_head(&bytes[..cut]), Ok(None), "{bytes:02x?} cut at {cut}");
            }
        }
        assert_eq!(read_head(&[0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(Breach::NoFrame));
    }

    #[test]
    fn frames_are_followed_however_they_are_cut() {
        let two = [&[0x81, 0x83, 1, 2, 3, 4, b'a', b'b', b'c'][..], &[0x8a, 0x80, 9, 9, 9, 9]].concat();
        for size in 1..=two.len() {
            let (mut frames, mut out, mut heads) = (Frames::default(), Vec::new(), Vec::new());
            for piece in two.chunks(size) {
                let judged = frames.pass(piece, &mut out, |head| {
                    heads.push((head.opcode, head.length));
                    Ok(())
                });
                judged.unwrap();
            }
            assert_eq!((&out, &heads), (&two, &vec![(1, 3), (10, 0)]), "pieces of {size}");
            assert!(frames.at_end());
        }
        // A refused head is not handed on; what came before it is.
        let (mut frames, mut out) = (Frames::default(), Vec::new());
        let judged =
            frames.pass(&two, &mut out, |head| if head.opcode == 1 { Ok(()) } else { Err(Breach::TooMany) });
        assert_eq!((judged, out.as_slice(), frames.at_end()), (Err(Breach::TooMany), &two[..9], true));
    }

    #[test]
    fn what_is_no_frame_of_a_client_is_told() {
        let now = Instant::now();
        for (what, heads) in [
            ("not masked", vec![Head { masked: false, ..data(1, true, 1) }]),
            ("a reserved opcode", vec![data(3, true, 1)]),
            ("a reserved control", vec![data(11, true, 1)]),
            ("a control in pieces", vec![data(9, false, 1)]),
            ("a long control", vec![data(9, true, 126)]),
            ("nothing to go on with", vec![data(0, true, 1)]),
            ("a message within another", vec![data(1, false, 1), data(2, true, 1)]),
        ] {
            let mut meter = Meter::new(limits(1_000, 1_000), now);
            let last = heads.into_iter().map(|head| meter.frame(head, now)).last();
            assert_eq!(last, Some(Err(Breach::NoFrame)), "{what}");
        }
        let mut meter = Meter::new(limits(1_000, 1_000), now);
        for head in
            [data(1, false, 5), data(9, true, 125), data(0, false, 5), data(0, true, 5), data(2, true, 0)]
        {
            assert_eq!(meter.frame(head, now), Ok(()), "{head:?}");
        }
    }

    #[test]
    fn messages_are_measured_whole() {
        let now = Instant::now();
        let mut meter = Meter::new(limits(100, 1_000), now);
        assert_eq!(meter.frame(data(2, true, 100), now), Ok(()));
        assert_eq!(meter.frame(data(2, true, 101), now), Err(Breach::TooLong));
        let mut meter = Meter::new(limits(100, 1_000), now);
        assert_eq!(meter.frame(data(2, false, 60), now), Ok(()));
        assert_eq!(meter.frame(data(0, false, 40), now), Ok(()));
        assert_eq!(meter.frame(data(0, true, 1), now), Err(Breach::TooLong));
    }

    #[test]
    fn a_second_of_messages_may_come_at_once_and_no_more() {
        let start = Instant::now();
        let mut meter = Meter::new(limits(100_000, 10), start);
        for number in 0..10 {
            assert_eq!(meter.frame(data(1, true, 1), start), Ok(()), "{number}");
        }
        assert_eq!(meter.frame(data(9, true, 0), start), Err(Breach::TooMany), "a ping is a message");
        // At the rate allowed it goes on for ever.
        let mut meter = Meter::new(limits(100_000, 10), start);
        for number in 0..1_000_u32 {
            let now = start + Duration::from_millis(100) * number;
            assert_eq!(meter.frame(data(1, true, 1), now), Ok(()), "{number}");
        }
        // Crumbs of a message count, pieces do not.
        let mut meter = Meter::new(limits(100_000, 10), start);
        assert_eq!(meter.frame(data(1, false, 5_000), start), Ok(()));
        assert!((0..15).all(|_| meter.frame(data(0, false, 5_000), start).is_ok()));
        assert!((0..9).all(|_| meter.frame(data(0, false, 1), start).is_ok()));
        assert_eq!(meter.frame(data(0, false, 1), start), Err(Breach::TooMany));
    }
}
