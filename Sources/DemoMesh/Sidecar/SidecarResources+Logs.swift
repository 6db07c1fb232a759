import MeshModel

extension SidecarResources {
    /// A line for each request that the service sends: what became of it, why, and the trace that it is a part of. One
    /// log holds all of its edges, as Istio's does.
    var accessLog: JSON? {
        guard let logs else { return nil }
        return [
            "name": "envoy.access_loggers.file",
            "typed_config": [
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                "path": .string(AccessLogKeeper.file(of: place, in: logs)),
                "log_format": ["text_format_source": ["inline_string": .string(Self.line)]],
            ],
        ]
    }

    private static let line =
        #"[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% "#
        + #"%RESPONSE_CODE_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %DURATION% "%REQ(X-REQUEST-ID)%" "#
        + #""%REQ(TRACEPARENT)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER%"# + "\n"
}
