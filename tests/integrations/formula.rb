# A stand-in for Homebrew that knows what our formula uses: it loads the formula, checks the archive, installs it, runs its tests.
# Homebrew itself cannot be had from a package registry; what a formula may say beyond this is not checked.
#
#   formula.rb FORMULA intel|arm ARCHIVE PREFIX
require "digest"
require "open3"
require "pathname"
require "tmpdir"

FORMULA, ARCH, ARCHIVE, PREFIX = ARGV

# A folder that files are installed into.
class Place < Pathname
  def install(*what)
    mkpath
    what.flatten.each do |one|
      (one.is_a?(Hash) ? one : { one => File.basename(one) }).each do |from, to|
        raise "there is no #{from} to install" unless File.file?(from)

        FileUtils.cp(from, join(to), preserve: true)
      end
    end
  end
end

class Formula
  class << self
    %i[desc homepage license version url sha256].each do |word|
      define_method(word) do |value = nil|
        value.nil? ? instance_variable_get("@#{word}") : instance_variable_set("@#{word}", value)
      end
    end

    def depends_on(what)
      raise "depends on #{what}" unless what == :linux
    end

    def on_intel
      yield if ARCH == "intel"
    end

    def on_arm
      yield if ARCH == "arm"
    end

    def test(&block)
      define_method(:run_tests, &block)
    end
  end

  def version
    self.class.version
  end

  {
    bin: "bin", man1: "share/man/man1", bash_completion: "etc/bash_completion.d",
    fish_completion: "share/fish/vendor_completions.d", zsh_completion: "share/zsh/site-functions"
  }.each do |name, path|
    define_method(name) { Place.new(File.join(PREFIX, path)) }
  end

  def shell_output(command)
    out, status = Open3.capture2(command)
    raise "#{command}: #{status}" unless status.success?

    out
  end

  def assert_match(wanted, found)
    raise "#{found} lacks #{wanted}" unless found.match?(wanted)
  end
end

require "fileutils"
load FORMULA
formula = Edgegen.new
%i[desc homepage license version url sha256].each { |w| raise "no #{w}" if Edgegen.public_send(w).to_s.empty? }
# The rules of `brew audit` for descriptions.
raise "desc is too long" if Edgegen.desc.length > 80
raise "desc ends with a full stop or begins with an article" if Edgegen.desc.match?(/\.\z|\A(A|An|The) /)
raise "url is that of another file" unless File.basename(Edgegen.url) == File.basename(ARCHIVE)
raise "sha256 is that of another file" unless Edgegen.sha256 == Digest::SHA256.file(ARCHIVE).hexdigest

Dir.mktmpdir do |place|
  system("tar", "-xzf", ARCHIVE, "-C", place, exception: true)
  # Homebrew goes into the one folder of an archive.
  Dir.chdir(Dir.children(place).then { |all| all.length == 1 ? File.join(place, all.first) : place }) { formula.install }
  formula.run_tests
end
puts "tests passed"
