/// Configuration and secrets: read, asked of probes and vaults, and shown without what they are.
extension ExperimentRunner {
    /// The values for substitution, those that probes provide included.
    func resolve(_ providers: Providers) async throws(RunFailure) -> Substitution {
        var loading = ConfigurationLoading(environment: environment)
        let (declared, secrets): (Fields, Fields)
        do {
            declared = try loading.configuration(
                document.value["configuration"], variables: options.variables.configuration)
        } catch {
            throw .preparation(error.message)
        }
        redaction.learn(from: Substitution(configuration: declared))
        let vault = VaultSecrets(
            configuration: declared, environment: environment, network: network, surroundings: surroundings)
        loading.vault = try await vault.secrets(for: document.value["secrets"])
        do {
            secrets = try loading.secrets(document.value["secrets"], variables: options.variables.secrets)
        } catch {
            throw .preparation(error.message)
        }
        var substitution = Substitution(secrets: secrets)
        // Probes of the configuration act with them already.
        redaction.learn(from: substitution)
        for (name, value) in declared.entries {
            guard value["type"]?.text == "probe" else {
                substitution.configuration[name] = value
                continue
            }
            guard value["provider"] != nil else {
                throw .preparation("The configuration value '\(name)' is a probe without a provider")
            }
            let probe = Self.offering(.list(secrets.keys.map { .text($0) }), to: value)
            if let found = try await Self.output(of: probe, providers, substitution) {
                substitution.configuration[name] = found
            } else {
                observe(.warned("The configuration value '\(name)' could not be loaded by its probe."))
            }
        }
        return substitution
    }

    /// A probe of the configuration is offered all secrets.
    private static func offering(_ secrets: Value, to probe: Value) -> Value {
        guard var fields = probe.fields, var provider = probe["provider"]?.fields else { return probe }
        provider["secrets"] = secrets
        fields["provider"] = .mapping(provider)
        return .mapping(fields)
    }

    /// The original leaves the secrets in the probes of the configuration, and so in the journal. There we show which
    /// ones, but never what they are.
    func withSecretsShown(_ secrets: Fields) -> Value {
        guard var fields = document.value.fields, var configuration = fields["configuration"]?.fields else {
            return document.value
        }
        for (name, value) in configuration.entries where value["type"]?.text == "probe" {
            configuration[name] = Self.offering(Self.hidden(.mapping(secrets)), to: value)
        }
        fields["configuration"] = .mapping(configuration)
        return .mapping(fields)
    }

    private static func hidden(_ value: Value) -> Value {
        guard let fields = value.fields else { return "***" }
        return .mapping(Fields(fields.entries.map { ($0, hidden($1)) }))
    }

    private static func output(
        of probe: Value, _ providers: Providers, _ substitution: Substitution
    ) async throws(RunFailure) -> Value? {
        let output: Value
        do { output = try await providers.run(ActivityCall(probe, substitution)) } catch {
            switch error {
            case .failed, .crashed: return nil
            case .interrupted: throw .lost("it was interrupted before it began")
            case .stopped(let interruption): throw .lost(interruption.reason)
            }
        }
        switch probe["provider"]?["type"]?.text {
        case "python": return output
        case "http": return output["body"]
        case "process":
            guard output["status"]?.equals(0) ?? false else { return nil }
            return .text(Conversion.trimmed(output["stdout"]?.text ?? ""))
        default: return nil
        }
    }
}
