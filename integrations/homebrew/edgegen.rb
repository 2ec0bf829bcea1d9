# The formula of Homebrew on Linux, for a tap; the release fills what stands between @.
# It installs the released program, so that what is installed is what was attested.
class Edgegen < Formula
  desc "Compile Kubernetes exposures into overlays for each cloud's load balancers"
  homepage "https://github.com/edgegen/edgegen"
  version "@VERSION@"
  license "Apache-2.0"

  depends_on :linux

  on_intel do
    url "https://github.com/edgegen/edgegen/releases/download/v@VERSION@/edgegen-v@VERSION@-x86_64-unknown-linux-musl.tar.gz"
    sha256 "@SHA256_X86_64@"
  end

  on_arm do
    url "https://github.com/edgegen/edgegen/releases/download/v@VERSION@/edgegen-v@VERSION@-aarch64-unknown-linux-musl.tar.gz"
    sha256 "@SHA256_AARCH64@"
  end

  def install
    bin.install "edgegen"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/edgegen.bash" => "edgegen"
    fish_completion.install "completions/edgegen.fish"
    zsh_completion.install "completions/_edgegen"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/edgegen --version")
    assert_match "aws-alb", shell_output("#{bin}/edgegen profiles list")
  end
end
