//! The byte layout of the fields.

use crate::frame::{FRAME_LIMIT, HEAD_LENGTH, ProtocolError};
use crate::message::{Answer, Hello, Interruption, Match, Request, Side, Verdict};

/// Entries of one list: headers, variables, matches, tags.
const ENTRY_LIMIT: u32 = 10_000;

/// Names and values of headers.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(kind: u8) -> Writer {
        Writer { bytes: vec![0, 0, 0, 0, kind] }
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, ProtocolError> {
        let length = self.bytes.len() - HEAD_LENGTH;
        match u32::try_from(length) {
            Ok(short) if length <= FRAME_LIMIT => {
                self.bytes[..4].copy_from_slice(&short.to_le_bytes());
                Ok(self.bytes)
            }
            _ => Err(ProtocolError::TooLong(length)),
        }
    }

    fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    fn short(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn number(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        // A longer value makes the frame too long, which `finish` refuses.
        self.number(u32::try_from(value.len()).unwrap_or(u32::MAX));
        self.bytes.extend_from_slice(value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Writer, &T)) {
        self.number(u32::try_from(items.len()).unwrap_or(u32::MAX));
        for item in items {
            each(self, item);
        }
    }

    fn side(&mut self, side: &Side) {
        self.text(&side.address);
        self.short(side.port);
    }

    fn headers(&mut self, headers: &[(Vec<u8>, Vec<u8>)]) {
        self.list(headers, |writer, (name, value)| {
            writer.bytes(name);
            writer.bytes(value);
        });
    }

    pub(crate) fn hello(&mut self, hello: &Hello) {
        self.number(hello.version);
        self.text(&hello.engine);
        self.text(&hello.rule_set);
        self.number(hello.rules);
        self.number(hello.pid);
    }

    pub(crate) fn request(&mut self, request: &Request) {
        self.list(&request.variables, |writer, (name, value)| {
            writer.text(name);
            writer.text(value);
        });
        self.byte(u8::from(request.go_on) | u8::from(request.answer_follows) << 1);
        self.side(&request.client);
        self.side(&request.server);
        self.bytes(&request.method);
        self.bytes(&request.target);
        self.text(&request.http_version);
        self.headers(&request.headers);
        self.bytes(&request.body);
    }

    pub(crate) fn answer(&mut self, answer: &Answer) {
        self.short(answer.status);
        self.text(&answer.protocol);
        self.headers(&answer.headers);
        self.bytes(&answer.body);
    }

    pub(crate) fn verdict(&mut self, verdict: &Verdict) {
        let (status, phase) = verdict.interruption.as_ref().map_or((0, 0), |it| (it.status, it.phase));
        self.short(status);
        self.byte(phase);
        self.number(verdict.inbound_score);
        self.number(verdict.outbound_score);
        self.list(&verdict.matches, Writer::one_match);
        self.number(verdict.more_matches);
        self.bytes.extend_from_slice(&verdict.micros.to_le_bytes());
    }

    fn one_match(&mut self, one: &Match) {
        self.number(one.id);
        self.byte(one.phase);
        self.byte(one.severity);
        self.byte(u8::from(one.disruptive));
        self.text(&one.message);
        self.list(&one.tags, |writer, tag| writer.text(tag));
        self.text(&one.variable);
        self.text(&one.shape);
    }
}

pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    pub(crate) const fn end(&self) -> Result<(), ProtocolError> {
        if self.rest.is_empty() { Ok(()) } else { Err(ProtocolError::Rest(self.rest.len())) }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ProtocolError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(ProtocolError::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ProtocolError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(ProtocolError::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, ProtocolError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn short(&mut self) -> Result<u16, ProtocolError> {
        self.array().map(u16::from_le_bytes)
    }

    fn number(&mut self) -> Result<u32, ProtocolError> {
        self.array().map(u32::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, ProtocolError> {
        let length = self.number()? as usize;
        self.take(length).map(<[u8]>::to_vec)
    }

    pub(crate) fn text(&mut self) -> Result<String, ProtocolError> {
        String::from_utf8(self.bytes()?).map_err(|_| ProtocolError::Text)
    }

    fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Fields<'a>) -> Result<T, ProtocolError>,
    ) -> Result<Vec<T>, ProtocolError> {
        let entries = self.number()?;
        if entries > ENTRY_LIMIT {
            return Err(ProtocolError::Entries(entries));
        }
        (0..entries).map(|_| each(self)).collect()
    }

    fn side(&mut self) -> Result<Side, ProtocolError> {
        Ok(Side { address: self.text()?, port: self.short()? })
    }

    fn headers(&mut self) -> Result<Pairs, ProtocolError> {
        self.list(|fields| Ok((fields.bytes()?, fields.bytes()?)))
    }

    pub(crate) fn hello(&mut self) -> Result<Hello, ProtocolError> {
        Ok(Hello {
            version: self.number()?,
            engine: self.text()?,
            rule_set: self.text()?,
            rules: self.number()?,
            pid: self.number()?,
        })
    }

    pub(crate) fn request(&mut self) -> Result<Request, ProtocolError> {
        let variables = self.list(|fields| Ok((fields.text()?, fields.text()?)))?;
        let flags = self.byte()?;
        Ok(Request {
            variables,
            go_on: flags & 1 != 0,
            answer_follows: flags & 2 != 0,
            client: self.side()?,
            server: self.side()?,
            method: self.bytes()?,
            target: self.bytes()?,
            http_version: self.text()?,
            headers: self.headers()?,
            body: self.bytes()?,
        })
    }

    pub(crate) fn answer(&mut self) -> Result<Answer, ProtocolError> {
        Ok(Answer {
            status: self.short()?,
            protocol: self.text()?,
            headers: self.headers()?,
            body: self.bytes()?,
        })
    }

    pub(crate) fn verdict(&mut self) -> Result<Verdict, ProtocolError> {
        let (status, phase) = (self.short()?, self.byte()?);
        Ok(Verdict {
            interruption: (phase != 0).then_some(Interruption { status, phase }),
            inbound_score: self.number()?,
            outbound_score: self.number()?,
            matches: self.list(Fields::one_match)?,
            more_matches: self.number()?,
            micros: self.array().map(u64::from_le_bytes)?,
        })
    }

    fn one_match(&mut self) -> Result<Match, ProtocolError> {
        Ok(Match {
            id: self.number()?,
            phase: self.byte()?,
            severity: self.byte()?,
            disruptive: self.byte()? != 0,
            message: self.text()?,
            tags: self.list(Fields::text)?,
            variable: self.text()?,
            shape: self.text()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::frame::{Frame, HEAD_LENGTH, ProtocolError, frame_head};
    use crate::message::{Answer, Failure, Hello, Interruption, Match, Request, Side, Verdict};

    fn frames() -> Vec<Frame> {
        let side = |port| Side { address: "192.0.2.7".to_owned(), port };
        vec![
            Frame::Hello(Hello {
                version: 1,
                engine: "engine".to_owned(),
                rule_set: "crs".to_owned(),
                rules: 700,
                pid: 42,
            }),
            Frame::Request(Request {
                variables: vec![("bedrail_site".to_owned(), "pump".to_owned())],
                go_on: true,
                answer_follows: false,
                client: side(1),
                server: side(2),
                method: b"POST".to_vec(),
                target: b"/a?b=\xff".to_vec(),
                http_version: "1.1".to_owned(),
                headers: vec![(b"Host".to_vec(), b"pump".to_vec()), (b"x".to_vec(), Vec::new())],
                body: vec![0; 3],
            }),
            Frame::Answer(Answer {
                status: 500,
                protocol: "HTTP/1.1".to_owned(),
                headers: Vec::new(),
                body: b"x".to_vec(),
            }),
            Frame::Abandon,
            Frame::Verdict(Verdict {
                interruption: Some(Interruption { status: 403, phase: 2 }),
                inbound_score: 15,
                outbound_score: 0,
                matches: vec![Match {
                    id: 944_150,
                    phase: 2,
                    severity: 2,
                    disruptive: false,
                    message: "m".to_owned(),
                    tags: vec!["t".to_owned()],
                    variable: "ARGS:x".to_owned(),
                    shape: "${a".to_owned(),
                }],
                more_matches: 3,
                micros: 1_200,
            }),
            Frame::Failure(Failure { reason: "r".to_owned() }),
        ]
    }

    fn read(bytes: &[u8]) -> Result<Frame, ProtocolError> {
        let (head, fields) = bytes.split_first_chunk::<HEAD_LENGTH>().ok_or(ProtocolError::Short)?;
        let (length, kind) = frame_head(*head)?;
        Frame::decode(kind, fields.get(..length).ok_or(ProtocolError::Short)?)
    }

    #[test]
    fn what_is_written_is_read() {
        for frame in frames() {
            let bytes = frame.encode().unwrap();
            assert_eq!(read(&bytes).unwrap(), frame);
        }
    }

    #[test]
    fn a_frame_that_is_cut_off_or_longer_is_an_error() {
        for frame in frames() {
            let bytes = frame.encode().unwrap();
            for length in HEAD_LENGTH..bytes.len() {
                let fields = &bytes[HEAD_LENGTH..length];
                assert!(Frame::decode(bytes[4], fields).is_err(), "{frame:?} {length}");
            }
            let longer = [&bytes[HEAD_LENGTH..], b"x"].concat();
            assert!(matches!(Frame::decode(bytes[4], &longer), Err(ProtocolError::Rest(1))));
        }
        assert!(matches!(frame_head([0, 0, 0, 255, 1]), Err(ProtocolError::TooLong(_))));
        assert!(matches!(Frame::decode(9, &[]), Err(ProtocolError::Kind(9))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(kind in 0..9_u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(frame) = Frame::decode(kind, &bytes) {
                let written = frame.encode().unwrap();
                prop_assert_eq!(Frame::decode(kind, &written[HEAD_LENGTH..]).unwrap(), frame);
            }
        }
    }
}
