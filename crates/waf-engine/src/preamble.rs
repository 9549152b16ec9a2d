//! The engine's own settings and rules, loaded before any rule set: what ModSecurity recommends for every installation.

/// Settings, the choice of a body's reader by its type, and what counts as a body that cannot be read.
///
/// Numbers 200,000 to 200,007 are those of ModSecurity's own recommended file. Where the judge sees only the first part of a
/// body (`TX:bedrail_partial`), that the part does not end is no error.
pub(crate) const PREAMBLE: &str = r#"
SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 16777216
SecRequestBodyNoFilesLimit 16777216
SecRequestBodyLimitAction ProcessPartial
SecRequestBodyJsonDepthLimit 512
SecArgumentsLimit 1000
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/html text/xml application/json application/xml
SecResponseBodyLimit 1048576
SecResponseBodyLimitAction ProcessPartial
SecAuditEngine Off
SecDebugLogLevel 0
SecUploadKeepFiles Off
SecArgumentSeparator &
SecCookieFormat 0
# Steps of one regular expression on one value. Beyond, MSC_PCRE_LIMITS_EXCEEDED is set and rule 200005 objects. Debian's 3.0.9
# reads these two lines and keeps the limits of PCRE2 itself; later versions do as they say.
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000

SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\+|/)|text/)xml" \
    "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/json" \
    "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/[a-z0-9.-]+[+]json" \
    "id:200006,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"

SecRule TX:bedrail_partial "!@streq 1" \
    "id:200002,phase:2,t:none,log,deny,status:400,severity:2,msg:'The body cannot be read as what it says it is',chain"
    SecRule REQBODY_ERROR "!@eq 0" "t:none"
SecRule TX:bedrail_partial "!@streq 1" \
    "id:200003,phase:2,t:none,log,deny,status:400,severity:2,msg:'The multipart body is not strict',chain"
    SecRule MULTIPART_STRICT_ERROR "!@eq 0" "t:none"
SecRule TX:bedrail_partial "!@streq 1" \
    "id:200004,phase:2,t:none,log,deny,status:400,severity:2,msg:'The multipart body may have a boundary that does not match',chain"
    SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" "t:none"
SecRule TX:MSC_PCRE_LIMITS_EXCEEDED|TX:MSC_PCRE_ERROR "!@streq 0" \
    "id:200005,phase:2,t:none,log,deny,status:403,severity:2,msg:'A limit of the engine was reached on this request'"
SecRule &ARGS "@ge 1000" \
    "id:200007,phase:2,t:none,log,deny,status:400,severity:4,msg:'More arguments than are looked at'"
"#;
