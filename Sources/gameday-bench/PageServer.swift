import ArgumentParser
import CCurl
import Glibc

/// Plays a fleet of Envoys for the figures of polling: every address of 127.0.0.0/8 answers with a page of statistics
/// of about 12 KB, whose counters move. It runs in a process of its own, so that its time is not counted as the client's.
struct PageServer: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "page-server", shouldDisplay: false)

    func run() throws {
        let (listener, port) = try Self.listen()
        print(port)
        fflush(nil)
        let queue = readiness_queue()
        readiness_watch(queue, listener, CURL_POLL_IN, false)
        // The parent's end of our standard input closes with the parent, however it ends.
        readiness_watch(queue, STDIN_FILENO, CURL_POLL_IN, false)
        var ready = [curl_readiness](repeating: curl_readiness(), count: 256)
        var polls: [Int32: UInt64] = [:]
        while true {
            _ = bell_wait(queue, -1, -1)
            let count = Int(readiness_take(queue, &ready, 256))
            for one in ready.prefix(count) {
                switch one.descriptor {
                case STDIN_FILENO: return
                case listener:
                    let peer = accept(listener, nil, nil)
                    if peer >= 0 { readiness_watch(queue, peer, CURL_POLL_IN, false) }
                default:
                    polls[one.descriptor, default: 0] += 1
                    if !Self.answer(one.descriptor, polls[one.descriptor] ?? 0) {
                        polls[one.descriptor] = nil
                        close(one.descriptor)
                    }
                }
            }
        }
    }

    private static func answer(_ peer: Int32, _ poll: UInt64) -> Bool {
        var request = [UInt8](repeating: 0, count: 4096)
        guard recv(peer, &request, request.count, 0) > 0 else { return false }
        let body = page(poll)
        let size = String(body.utf8.count, radix: 16)
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-cache, max-age=0\r\n"
            + "x-content-type-options: nosniff\r\ndate: Mon, 23 Nov 2026 11:48:28 GMT\r\nserver: envoy\r\n"
            + "transfer-encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n0\r\n\r\n"
        return answer.utf8.withContiguousStorageIfAvailable { send(peer, $0.baseAddress, $0.count, 0) > 0 } ?? false
    }

    /// A page as Envoy writes it, after so many polls: an ingress and two edges, fifty requests a second each.
    static func page(_ poll: UInt64) -> String {
        let base = poll * 50 + 1000
        var stats: [String] = []
        for cluster in ["bar", "cellar"] {
            stats += [("membership_healthy", 1), ("membership_total", 1), ("upstream_rq_timeout", poll)]
                .map { "{\"name\":\"cluster.\(cluster).\($0.0)\",\"value\":\($0.1)}" }
        }
        let listeners = ["in", "to_bar", "to_cellar"]
        for listener in listeners {
            stats += [("2xx", base - poll), ("5xx", poll), ("active", 1), ("completed", base)]
                .map { "{\"name\":\"http.\(listener).downstream_rq_\($0.0)\",\"value\":\($0.1)}" }
        }
        stats += ["{\"name\":\"server.state\",\"value\":0}", "{\"name\":\"server.uptime\",\"value\":\(poll)}"]
        let percentiles = repeatElement("{\"cumulative\":25.5,\"interval\":24.5}", count: 10).joined(separator: ",")
        let details = listeners.map { listener in
            let totals = (10..<70).map { "{\"lower_bound\":\($0),\"width\":1,\"count\":\(base / 60 + UInt64($0))}" }
            let recent = totals.prefix(20).joined(separator: ",")
            return "{\"name\":\"http.\(listener).downstream_rq_time\",\"totals\":[\(totals.joined(separator: ","))],"
                + "\"intervals\":[\(recent)],\"percentiles\":[\(percentiles)]}"
        }
        stats.append(
            "{\"histograms\":{\"supported_percentiles\":[0,25,50,75,90,95,99,99.5,99.9,100],\"details\":["
                + details.joined(separator: ",") + "]}}")
        return "{\"stats\":[" + stats.joined(separator: ",") + "]}"
    }

    static func listen() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failure = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | Glibc.listen(descriptor, 4096) | getsockname(descriptor, $0, &size)
            }
        }
        guard failure == 0 else { throw ValidationError("No port to listen on") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
