import CCurl
import Glibc

/// The least that a poller over libcurl can be: handles prepared once, `curl_multi_poll`, bytes counted and dropped.
/// What polling costs is measured against it.
final class BareCurlLoop {
    private let multi: UnsafeMutableRawPointer?
    private let handles: [UnsafeMutableRawPointer?]
    private let bytes = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    private let slots: Int

    init(urls: [String], slots: Int) {
        multi = curl_multi_init()
        self.slots = slots
        bytes.initialize(to: 0)
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 16384)
        handles = urls.map { [bytes] url in
            let easy = curl_easy_init()
            curl_set_string(easy, CURLOPT_URL, url)
            curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
            curl_set_long(easy, CURLOPT_TIMEOUT_MS, 800)
            curl_set_string(easy, CURLOPT_PROXY, "")
            curl_set_pointer(easy, CURLOPT_WRITEDATA, bytes)
            curl_set_bytes_function(easy, CURLOPT_WRITEFUNCTION) { _, size, count, context in
                context?.assumingMemoryBound(to: Int.self).pointee += size * count
                return size * count
            }
            return easy
        }
    }

    deinit {
        for handle in handles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
        bytes.deallocate()
    }

    /// Asks everybody once, a slot's share at a time, within a second.
    func round() -> (polls: Int, bytes: Int) {
        var polls = 0
        let before = bytes.pointee
        let start = monotonic_microseconds()
        for slot in 0..<slots {
            let own = stride(from: slot, to: handles.count, by: slots)
            let begin = start + Int64(slot) * 1_000_000 / Int64(slots)
            usleep(UInt32(max(0, begin - monotonic_microseconds())))
            for index in own { curl_multi_add_handle(multi, handles[index]) }
            polls += finish(Array(own).count)
        }
        usleep(UInt32(max(0, start + 1_000_000 - monotonic_microseconds())))
        return (polls, bytes.pointee - before)
    }

    private func finish(_ count: Int) -> Int {
        var good = 0
        var left = count
        while left > 0 {
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var code = CURLE_OK
            while let easy = curl_multi_next_finished(multi, &code) {
                curl_multi_remove_handle(multi, easy)
                left -= 1
                if code == CURLE_OK { good += 1 }
            }
            if left > 0 { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
        return good
    }
}
