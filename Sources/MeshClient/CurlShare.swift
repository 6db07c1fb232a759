internal import CCurl

/// Keeps the connections of a few tunnels apart from all others. Each time that something is read from a tunnel libcurl
/// (curl_easy_recv, as of 7.88) looks for its connection among all that are kept with it, one after the other.
final class CurlShare {
    /// As many as are looked through in no time; a share itself takes some kilobytes.
    private static let room = 16

    let handle: UnsafeMutableRawPointer?
    /// How many were given to it.
    var count = 0

    /// Nil only without memory; the tunnels then are kept with everything else.
    init() { handle = curl_share_connections() }

    /// Refused while a handle still uses it, so tunnels let go of it first.
    deinit { curl_share_cleanup(handle) }

    var isFull: Bool { count >= Self.room }
}
