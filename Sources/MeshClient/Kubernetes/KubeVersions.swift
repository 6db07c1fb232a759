internal import MeshModel
internal import Synchronization

/// The versions in which a cluster has what is asked for in the newest one: an Istio before 1.22 has VirtualServices in
/// `networking.istio.io/v1beta1` only, and means the same by them.
final class KubeVersions: Sendable {
    /// A kind of objects, as its path names it.
    private struct Kind: Hashable {
        var group: String
        var plural: String
    }

    private let known = Mutex<[Kind: String]>([:])

    /// The request as this cluster takes it, as far as that is known.
    func served(_ request: KubeRequest) -> KubeRequest {
        guard let place = Place(request.path),
            let version = known.withLock({ $0[Kind(group: place.group, plural: place.plural)] })
        else { return request }
        return place.moved(request, to: version)
    }

    /// Asks, and where the cluster does not have that kind of objects in that version, looks for another one and asks
    /// once more.
    func ask<Answer>(
        _ request: KubeRequest, exchanging exchange: (KubeRequest) async throws(KubeError) -> Answer,
        reading read: (KubeRequest) async throws(KubeError) -> JSON
    ) async throws(KubeError) -> Answer {
        let served = served(request)
        do throws(KubeError) {
            return try await exchange(served)
        } catch {
            guard error.refusal?.isOfNoKind == true, let place = Place(served.path),
                let version = await place.otherVersion(read)
            else { throw error }
            known.withLock { $0[Kind(group: place.group, plural: place.plural)] = version }
            return try await exchange(place.moved(served, to: version))
        }
    }

    /// The parts of a path like /apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices/ratings.
    private struct Place {
        var group: String
        var version: String
        var plural: String
        private let rest: String

        /// Nil for what has no group: all of that has one version.
        init?(_ path: String) {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count > 4, parts[0].isEmpty, parts[1] == "apis" else { return nil }
            (group, version, rest) = (parts[2], parts[3], parts[4...].joined(separator: "/"))
            plural = parts[4] == "namespaces" && parts.count > 6 ? parts[6] : parts[4]
        }

        func moved(_ request: KubeRequest, to other: String) -> KubeRequest {
            var request = request
            request.path = "/apis/\(group)/\(other)/\(rest)"
            if request.body?["apiVersion"]?.string == "\(group)/\(version)" {
                request.body = request.body?.setting("apiVersion", to: .string("\(group)/\(other)"))
            }
            return request
        }

        /// The one that the cluster prefers among those that have this kind; nil where none has.
        func otherVersion(_ read: (KubeRequest) async throws(KubeError) -> JSON) async -> String? {
            let all = try? await read(KubeRequest(path: "/apis/\(group)"))["versions"]?.array
            for other in (all ?? []).compactMap({ $0["version"]?.string }) where other != version {
                let kinds = try? await read(KubeRequest(path: "/apis/\(group)/\(other)"))["resources"]?.array
                if (kinds ?? []).contains(where: { $0["name"]?.string == plural }) { return other }
            }
            return nil
        }
    }
}
