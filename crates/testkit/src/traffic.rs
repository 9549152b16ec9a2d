//! A day of Suricata as it could have been: EVE JSON by a seed, with attacks planted in the noise.
//!
//! Noise repeats itself, as noise does: the same scanners try the same rules on the same devices and are blocked. A planted
//! attack shares source, rule, device, attacker and path with such noise and differs by one word: it was let through.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use jiff::Timestamp;

/// What the lines of a traffic are, counted as they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Alerts.
    pub events: u64,
    /// Counters of the sensor.
    pub counters: u64,
    /// Flows, names, pages.
    pub no_alerts: u64,
    /// Half lines and types that nobody knows.
    pub broken: u64,
}

impl Made {
    /// All lines.
    pub fn lines(&self) -> u64 {
        self.events + self.counters + self.no_alerts + self.broken
    }
}

/// An attack among the noise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// The line that it is, from 0.
    pub line: u64,
    /// The rule that fires, `gid:sid`.
    pub rule: String,
    /// The device.
    pub device: Ipv4Addr,
    /// The attacker.
    pub attacker: Ipv4Addr,
}

/// One source of noise: who tries which rule on whom.
#[derive(Debug, Clone, Copy)]
struct Noise {
    rule: usize,
    device: Ipv4Addr,
    network: [u8; 3],
    path: usize,
}

/// Names of rules, as Emerging Threats writes such names; the numbers are ours.
const RULES: [(&str, &str, u8); 8] = [
    ("ET SCAN Suspicious inbound to mySQL port 3306", "Potentially Bad Traffic", 2),
    ("ET EXPLOIT Apache log4j RCE Attempt (http ldap)", "Attempted Administrator Privilege Gain", 1),
    ("ET WEB_SERVER Possible SQL Injection (SELECT)", "Web Application Attack", 1),
    ("ET SCAN Potential SSH Scan", "Attempted Information Leak", 2),
    ("ET POLICY SMB1 Traffic", "Potential Corporate Privacy Violation", 3),
    ("ET WEB_SERVER /etc/passwd in URI", "Attempted Information Leak", 2),
    ("ET EXPLOIT Apache Struts OGNL in Dynamic Action", "Attempted User Privilege Gain", 1),
    ("ET SCAN NMAP -sS window 1024", "Attempted Information Leak", 3),
];

const PATHS: [&str; 5] = ["/", "/login", "/cgi-bin/status", "/api/v1/studies/1.2.840", "/index.php"];

/// Of a hundred lines so many are alerts, as on a sensor that logs flows and names, too.
const ALERTS: u64 = 55;
/// Sources of noise.
const NOISES: usize = 600;
/// One line in so many is broken.
const BROKEN: u64 = 1_000;
/// One line in so many has the sensor's counters.
const STATS: u64 = 5_000;

/// A stream of lines.
#[derive(Debug, Clone)]
pub struct Traffic {
    state: u64,
    noises: Vec<Noise>,
    planted: Vec<Planted>,
    next_planted: usize,
    line: u64,
    lines: u64,
    start: i64,
    made: Made,
}

impl Traffic {
    /// So many lines by a seed, so many planted attacks among them, in the day before a moment.
    pub fn new(seed: u64, lines: u64, planted: usize, until: Timestamp) -> Traffic {
        let mut traffic = Traffic {
            state: seed,
            noises: Vec::new(),
            planted: Vec::new(),
            next_planted: 0,
            line: 0,
            lines,
            start: until.as_second() - 86_400,
            made: Made::default(),
        };
        traffic.noises = (0..NOISES.max(planted)).map(|at| traffic.noise(at)).collect();
        // Each in a part of the stream of its own, never where a stat or a broken line stands.
        let part = lines.checked_div(planted as u64).unwrap_or(0).max(1);
        for at in 0..planted {
            let mut line = part * at as u64 + traffic.below(part);
            while line % STATS == STATS - 1 || line % BROKEN == BROKEN / 2 {
                line += 1;
            }
            let noise = traffic.noises[at];
            let [a, b, c] = noise.network;
            let attacker = Ipv4Addr::new(a, b, c, 1 + (traffic.random() % 250) as u8);
            let rule = format!("1:{}", 2_900_000 + noise.rule);
            if traffic.planted.last().is_none_or(|last| last.line < line) && line < lines {
                traffic.planted.push(Planted { line, rule, device: noise.device, attacker });
            }
        }
        traffic
    }

    /// The attacks among the lines, in their order.
    pub fn planted(&self) -> &[Planted] {
        &self.planted
    }

    /// What the lines handed out so far are.
    pub fn made(&self) -> Made {
        self.made
    }

    /// Write the next line and its line feed behind what is there; false at the end.
    pub fn write_next(&mut self, out: &mut Vec<u8>) -> bool {
        if self.line >= self.lines {
            return false;
        }
        let line = self.line;
        self.line += 1;
        let mut text = String::with_capacity(1_200);
        let planted = self.planted.get(self.next_planted).is_some_and(|it| it.line == line);
        if planted {
            let noise = self.noises[self.next_planted];
            let attacker = self.planted[self.next_planted].attacker;
            self.next_planted += 1;
            self.alert(&mut text, line, noise, attacker, "allowed");
            self.made.events += 1;
        } else if line % STATS == STATS - 1 {
            self.stats(&mut text, line);
            self.made.counters += 1;
        } else if line % BROKEN == BROKEN / 2 {
            self.broken(&mut text, line);
            self.made.broken += 1;
        } else if self.below(100) < ALERTS {
            // The lower numbers come most often: a few scanners make most of the noise.
            let (one, other) = (self.below(self.noises.len() as u64), self.below(self.noises.len() as u64));
            let noise = self.noises[one.min(other) as usize];
            let [a, b, c] = noise.network;
            let attacker = Ipv4Addr::new(a, b, c, 1 + (self.random() % 250) as u8);
            self.alert(&mut text, line, noise, attacker, "blocked");
            self.made.events += 1;
        } else {
            self.other(&mut text, line);
            self.made.no_alerts += 1;
        }
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
        true
    }

    fn noise(&mut self, at: usize) -> Noise {
        Noise {
            rule: (self.random() % RULES.len() as u64) as usize,
            device: Ipv4Addr::new(10, 20, (at % 7) as u8, 1 + (self.random() % 40) as u8),
            // TEST-NET-2 and -3 are too small: the benchmarking block (RFC 2544) has 512 networks.
            network: [198, 18 + (at / 256 % 2) as u8, (at % 256) as u8],
            path: (self.random() % PATHS.len() as u64) as usize,
        }
    }

    fn alert(&mut self, text: &mut String, line: u64, noise: Noise, attacker: Ipv4Addr, action: &str) {
        let (name, category, severity) = RULES[noise.rule];
        let device = noise.device;
        self.head(text, line, "alert", attacker, device);
        let sid = 2_900_000 + noise.rule;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            r#","tx_id":0,"alert":{{"action":"{action}","gid":1,"signature_id":{sid},"rev":4,"signature":"{name}","category":"{category}","severity":{severity},"metadata":{{"affected_product":["Any"],"attack_target":["Server"],"created_at":["2021_12_10"],"deployment":["Perimeter"],"updated_at":["2026_03_01"]}}}},"http":{{"hostname":"pacs.example.org","url":"{}?q={}","http_user_agent":"Mozilla/5.0 (compatible)","http_content_type":"text/html","http_method":"GET","protocol":"HTTP/1.1","status":403,"length":162}},"app_proto":"http","flow":{{"pkts_toserver":4,"pkts_toclient":3,"bytes_toserver":{},"bytes_toclient":540,"start":"2026-11-26T18:57:13.561942+0000"}},"payload":"R0VUIC8gSFRUUC8xLjENCkhvc3Q6IHBhY3MuZXhhbXBsZS5vcmcNCg==","stream":0}}"#,
            PATHS[noise.path],
            self.random(),
            self.below(9_000),
        );
    }

    fn head(&mut self, text: &mut String, line: u64, kind: &str, from: Ipv4Addr, to: Ipv4Addr) {
        // Evenly over the day, by microseconds.
        let micros = u128::from(line) * 86_400_000_000 / u128::from(self.lines.max(1));
        let second = self.start + (micros / 1_000_000) as i64;
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let fraction = micros % 1_000_000;
        let (flow, port) = (self.random() >> 13, 1_024 + self.below(60_000));
        let _ = write!(
            text,
            r#"{{"timestamp":"{civil}.{fraction:06}+0000","flow_id":{flow},"in_iface":"eth0","event_type":"{kind}","src_ip":"{from}","src_port":{port},"dest_ip":"{to}","dest_port":443,"proto":"TCP""#,
        );
    }

    fn other(&mut self, text: &mut String, line: u64) {
        let from = Ipv4Addr::new(10, 20, self.below(7) as u8, 1 + self.below(250) as u8);
        let to = Ipv4Addr::new(198, 19, self.below(250) as u8, 1 + self.below(250) as u8);
        let _ = match self.below(3) {
            0 => {
                self.head(text, line, "dns", from, to);
                write!(
                    text,
                    r#","dns":{{"type":"query","id":{},"rrname":"updates.example.org","rrtype":"A","tx_id":0,"opcode":0}}}}"#,
                    self.below(65_536)
                )
            }
            1 => {
                self.head(text, line, "http", from, to);
                write!(
                    text,
                    r#","tx_id":0,"http":{{"hostname":"updates.example.org","url":"/v1/{}","http_method":"GET","protocol":"HTTP/1.1","status":200,"length":512}}}}"#,
                    self.random()
                )
            }
            _ => {
                self.head(text, line, "flow", from, to);
                write!(
                    text,
                    r#","app_proto":"tls","flow":{{"pkts_toserver":9,"pkts_toclient":8,"bytes_toserver":{},"bytes_toclient":{},"age":3,"state":"closed","reason":"timeout","alerted":false}}}}"#,
                    self.below(90_000),
                    self.below(90_000)
                )
            }
        };
    }

    /// Counters that agree with what was written.
    fn stats(&mut self, text: &mut String, line: u64) {
        let device = Ipv4Addr::new(0, 0, 0, 0);
        let mut head = String::new();
        self.head(&mut head, line, "stats", device, device);
        let time = head.get(..head.find(",\"flow_id\"").unwrap_or(head.len())).unwrap_or_default();
        let _ = write!(
            text,
            r#"{time},"event_type":"stats","stats":{{"uptime":{},"capture":{{"kernel_packets":{},"kernel_drops":0,"errors":0}},"detect":{{"engines":[{{"id":0,"rules_loaded":8,"rules_failed":0}}],"alert":{},"alert_queue_overflow":0,"alerts_suppressed":0}}}}}}"#,
            line + 1,
            line * 10,
            self.made.events,
        );
    }

    /// Half a line, or a type of a version to come.
    fn broken(&mut self, text: &mut String, line: u64) {
        let from = Ipv4Addr::new(10, 20, 0, 1);
        if self.below(2) == 0 {
            self.head(text, line, "alert", from, from);
        } else {
            self.head(text, line, "telepathy", from, from);
            text.push('}');
        }
    }

    /// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, and the same everywhere.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.random().checked_rem(limit).unwrap_or(0)
    }
}
