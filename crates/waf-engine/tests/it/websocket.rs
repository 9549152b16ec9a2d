//! What a client may send through a WebSocket: messages of a length, so many a second, in frames. What is beyond ends it with a
//! code, and is an event.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::device::{Device, Reply, page};
use crate::stage::{Script, Stage, read_answer, status_of};

const LIMITS: &str = "    mode: detect\n    never_block: [/socket/alarms]\n    websocket: {message_bytes: 2000, messages_per_second: 20, idle_seconds: 30}\n";

/// A frame of a client, with a mask that changes nothing.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

fn stage(site: &'static str) -> Option<Stage> {
    let device =
        Device::new(|request| if request.starts_with(b"GET /socket") { Reply::Echo } else { page("ok") });
    Stage::set(device, &Script { site, ..Script::default() })
}

fn open(stage: &Stage, path: &str) -> TcpStream {
    let mut stream = stage.connect();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: pump.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    assert_eq!(status_of(&read_answer(&mut stream)), 101);
    stream
}

fn echo(stream: &mut TcpStream, frame: &[u8]) {
    stream.write_all(frame).unwrap();
    let mut back = vec![0; frame.len()];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(back, frame);
}

/// The code of the closing frame that comes last, before the end of the connection.
fn closed_with(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let last = bytes.last_chunk::<4>().unwrap_or_else(|| panic!("no closing frame: {bytes:02x?}"));
    assert_eq!(last[..2], [0x88, 2], "{bytes:02x?}");
    u16::from_be_bytes([last[2], last[3]])
}

fn rule(event: &serde_json::Value) -> (String, String, bool) {
    let transaction = &event["transaction"];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (
        text(&transaction["messages"][0]["details"]["ruleId"]),
        text(&transaction["request"]["uri"]),
        transaction["is_interrupted"].as_bool().unwrap(),
    )
}

#[test]
fn a_message_beyond_the_limit_ends_it_with_1009_and_reaches_no_device() {
    let Some(stage) = stage(LIMITS) else { return };
    let mut socket = open(&stage, "/socket/1?user=miller");
    echo(&mut socket, &frame(0x81, b"hello"));
    echo(&mut socket, &frame(0x82, &[7; 2_000]));
    socket.write_all(&frame(0x82, &[8; 2_001])).unwrap();
    assert_eq!(closed_with(&mut socket), 1009);
    // In pieces it is one message, too.
    let mut socket = open(&stage, "/socket/2");
    echo(&mut socket, &frame(0x02, &[9; 1_500]));
    socket.write_all(&frame(0x80, &[9; 501])).unwrap();
    assert_eq!(closed_with(&mut socket), 1009);
    let told: Vec<_> = stage.events(2).iter().map(rule).collect();
    let row = |path: &str| ("70050".to_owned(), path.to_owned(), true);
    assert_eq!(told, [row("/socket/1"), row("/socket/2")]);
    let site = stage.status_now()["sites"][0].clone();
    assert_eq!((site["websockets"].as_u64(), site["websockets_closed"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn a_flood_ends_it_with_1008_once() {
    let Some(stage) = stage(LIMITS) else { return };
    let mut socket = open(&stage, "/socket");
    let flood: Vec<u8> = (0..5_000).flat_map(|_| frame(0x89, b"")).collect();
    // The other side may have ended before all is sent.
    let _ = socket.write_all(&flood);
    assert_eq!(closed_with(&mut socket), 1008);
    let told: Vec<_> = stage.events(1).iter().map(rule).collect();
    assert_eq!(told, [("70051".to_owned(), "/socket".to_owned(), true)]);
    // Who keeps to the rate is served on.
    let mut socket = open(&stage, "/socket");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1_500) {
        echo(&mut socket, &frame(0x81, b"a sample"));
        std::thread::sleep(Duration::from_millis(70));
    }
}

#[test]
fn what_is_no_frame_ends_it_with_1002() {
    let Some(stage) = stage(LIMITS) else { return };
    for (what, bytes) in [
        ("another request", b"GET /admin HTTP/1.1\r\nHost: pump.example\r\n\r\n".to_vec()),
        ("a frame without a mask", vec![0x81, 1, b'x']),
        ("a frame of a reserved kind", frame(0x83, b"x")),
        ("the rest of nothing", frame(0x80, b"x")),
    ] {
        let mut socket = open(&stage, "/socket");
        socket.write_all(&bytes).unwrap();
        assert_eq!(closed_with(&mut socket), 1002, "{what}");
    }
    assert!(stage.events(4).iter().map(rule).all(|it| it.0 == "70052"));
    let seen = stage.device.text();
    assert!(!seen.contains("/admin"), "{seen}");
}

/// On paths of therapy and alarms nothing of ours ends a connection: it is told, once.
#[test]
fn on_a_path_that_is_never_blocked_it_is_told_and_goes_on() {
    let Some(stage) = stage(LIMITS) else { return };
    let mut socket = open(&stage, "/socket/alarms/3");
    echo(&mut socket, &frame(0x82, &[1; 4_000]));
    echo(&mut socket, &frame(0x82, &[2; 4_000]));
    for _ in 0..60 {
        echo(&mut socket, &frame(0x81, b"alarm"));
    }
    let told: Vec<_> = stage.events(1).iter().map(rule).collect();
    assert_eq!(told, [("70050".to_owned(), "/socket/alarms/3".to_owned(), false)]);
    assert_eq!(stage.status_now()["sites"][0]["websockets_closed"], 0);
}

#[test]
fn what_lies_idle_is_ended_with_1001_and_is_no_event() {
    let Some(stage) = stage("    mode: detect\n    websocket: {idle_seconds: 0.5}\n") else { return };
    let mut socket = open(&stage, "/socket");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1_200) {
        echo(&mut socket, &frame(0x81, b"here"));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(closed_with(&mut socket), 1001);
    assert_eq!(stage.status_now()["events_written"], 0);
}
