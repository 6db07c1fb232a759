import Glibc

/// The certificates of the sidecars, made by openssl: each is good for less than an hour, and made anew before that.
/// Beside each is one whose time is over, for who wants to see what happens then.
struct BarCertificates: Sendable {
    let directory: String
    let services: [String]

    /// How long a certificate is good.
    static let life = 50 * 60
    /// They are made anew so long after the last.
    static let renewal = Duration.seconds(35 * 60)

    /// Who a service is, in its certificate.
    static func identity(of service: String) -> String { "spiffe://the-bar/\(service)" }

    /// Makes all of them in a folder of this generation, whose path it gives; nil where there is no openssl, or it fails,
    /// which its log tells.
    func make(generation: Int) async -> String? {
        let path = "\(directory)/certificates"
        for folder in [path, "\(path)/\(generation)"] { mkdir(folder, 0o700) }
        let now = time(nil)
        let times = [now - 3_600, now + Self.life, now - 7_200, now - 3_600].map(Self.stamp)
        let words = ["/bin/sh", "-c", Self.script, "certificates", path, "\(generation)"] + times + services
        guard case .success(let process) = spawn(words, log: "\(directory)/certificates.log") else { return nil }
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 { try? await Task.sleep(for: .milliseconds(5)) }
        return status == 0 ? "\(path)/\(generation)" : nil
    }

    private static func stamp(_ time: Int) -> String {
        var (time, parts) = (time_t(time), tm())
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y%m%d%H%M%SZ", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `openssl x509` knows days only, so it is `openssl ca` that signs.
    private static let script = #"""
        set -e
        umask 077
        cd "$1"; generation=$2; from=$3; until=$4; past=$5; over=$6; shift 6
        cat > ca.cnf <<'END'
        [ca]
        default_ca = bar
        [bar]
        database = index.txt
        serial = serial
        new_certs_dir = new
        certificate = ca.pem
        private_key = ca.key
        default_md = sha256
        policy = any
        copy_extensions = copy
        unique_subject = no
        [any]
        commonName = supplied
        END
        mkdir -p new
        key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        [ -s ca.pem ] || openssl req -x509 $key -keyout ca.key -out ca.pem -days 30 -subj "/CN=the bar"
        cp ca.pem "$generation/"
        requests=
        for service in "$@"; do
            [ -s "$service.csr" ] || openssl req -new $key -keyout "$service.key" -out "$service.csr" \
                -subj "/CN=$service" -addext "subjectAltName=URI:spiffe://the-bar/$service" &
            requests="$requests $service.csr"
        done
        wait
        services=$*
        sign() {
            : > index.txt
            echo 01 > serial
            openssl ca -config ca.cnf -batch -notext -startdate "$2" -enddate "$3" -infiles $requests > signed.txt
            number=0
            for service in $services; do
                number=$((number + 1))
                mv "new/$(printf %02X $number).pem" "$generation/$1$service.pem"
                cp "$service.key" "$generation/"
            done
        }
        sign expired- "$past" "$over"
        sign "" "$from" "$until"
        """#
}
