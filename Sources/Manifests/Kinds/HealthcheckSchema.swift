import Model

enum HealthcheckSchema {
    static let object = ObjectSchema<Healthcheck>(
        "healthcheck", initial: Healthcheck(command: []),
        example: "{ command: [wget, -q, -O-, \"http://127.0.0.1/\"] }",
        [
            Field(
                "command", \.command, .arguments(minimum: 1), required: true, synonyms: ["test", "exec"],
                "Run inside the container; exit code 0 is healthy."),
            Field("interval", \.interval, .positiveDuration, synonyms: ["periodSeconds"], "Between two runs."),
            Field(
                "timeout", \.timeout, .positiveDuration, synonyms: ["timeoutSeconds"],
                "After which a run counts as failed."),
            Field(
                "retries", \.retries, .integer(1...1_000_000), synonyms: ["failureThreshold"],
                "Failures in a row that make it unhealthy."),
            Field(
                "startPeriod", \.startPeriod, .duration, synonyms: ["start_period", "initialDelaySeconds"],
                "After the start, in which failures do not count."),
        ])
}

enum RestartSchema {
    private static let choice = Schema<RestartPolicy>.choice
    /// The words of Docker and Kubernetes for what we have.
    private static let synonyms = [
        "no": "never", "false": "never", "unless-stopped": "always", "onfailure": "on-failure",
    ]

    static let policy = Schema<RestartPolicy>(expected: choice.expected, json: choice.json()) { node, decoding in
        guard decoding.tree[node].kind == .scalar, let ours = synonyms[decoding.tree.string(node).lowercased()] else {
            return choice.read(node, &decoding)
        }
        decoding.reportValue(choice.expected, at: node, hint: "write \(ours)")
        return nil
    }.rendered(choice.render)
}
