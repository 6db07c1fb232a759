import Glibc
import MeshModel

extension Settings {
    /// What may be said of a proxy. The last three are paths of PEM files, relative to the settings.
    static let proxyKeys = ["service", "admin", "ca", "certificate", "key"]
}

extension MeshDescription.Proxy {
    /// Reads the certificates of an admin page behind TLS.
    mutating func takeCertificates(from members: [String: SettingsNode], in folder: String) {
        authorityFile = members["ca"]?.file("ca", in: folder)
        certificateFile = members["certificate"]?.file("certificate", in: folder)
        keyFile = members["key"]?.file("key", in: folder)
        for name in ["ca", "certificate", "key"] where !admin.hasPrefix("https:") {
            members[name]?.mistake(
                "'\(name)' is for an https page, and \(admin) is none", "Write https:// or leave it out.")
        }
        switch (members["certificate"], members["key"]) {
        case (let certificate?, nil): certificate.mistake("a certificate needs its 'key'")
        case (nil, let key?): key.mistake("a key needs its 'certificate'")
        default: break
        }
    }
}

extension SettingsNode {
    /// The whole path of a file that can be read.
    fileprivate func file(_ what: String, in folder: String) -> String? {
        guard let text = text(what) else { return nil }
        var path = text.hasPrefix("/") ? text : folder + text
        if !path.hasPrefix("/") { path = Executable.currentDirectory + "/" + path }
        guard access(path, R_OK) == 0 else {
            mistake("\(what) \(path) can't be read: \(String(cString: strerror(errno)))")
            return nil
        }
        return path
    }
}
