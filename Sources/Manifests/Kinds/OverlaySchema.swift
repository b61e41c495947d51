import Model

/// `spec.overlay` of `kind: Network`.
enum OverlaySchema {
    static let options = ObjectSchema<OverlayOptions>(
        "overlay", initial: OverlayOptions(), example: "{ vni: 4097 }",
        [
            Field(
                "vni", \.vni, .integer(1...16_777_215),
                "The VXLAN network identifier. Default: that of a claim in the fleet, else one that hashes the name."),
            Field("encrypted", \.encrypted, .boolean, "true is refused: this version does not encrypt."),
            Field("icc", \.icc, .boolean, "Whether containers of the network reach each other's unpublished ports."),
        ]
    )
}
