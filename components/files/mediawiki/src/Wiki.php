<?php
declare( strict_types=1 );

/** MediaWiki of this image with the settings of this wiki. */
class Wiki {
	public const ROOT = Image::ROOT;
	private const FACTS = '/tmp/facts.json';
	/** Has no settings: the installer refuses to run if it finds some. */
	private const INSTALLER_FOLDER = '/tmp/install';

	public readonly string $version;
	public readonly string $revision;
	/** @var string[] in alphabetical order */
	public readonly array $extensions;
	/** @var array<string, string> the contents of packages by name, as hashes */
	public readonly array $packages;
	private array $settings;
	private ?array $facts = null;

	public function __construct() {
		PackageFailure::check();
		$this->settings = Settings::read();
		$this->revision = (string)getenv( 'MEDIAWIKI_REVISION' );
		$extensions = $this->settings['extensions'];
		sort( $extensions );
		$this->extensions = $extensions;
		$this->packages = $this->settings['packages'];
		$this->version = Image::version();
	}

	/** Checks the settings without a database, before anything changes. */
	public function checkSettings(): void {
		foreach ( [ 'extensions' => 'extension.json', 'skins' => 'skin.json' ] as $folder => $file ) {
			$there = array_map( static fn ( $path ) => basename( dirname( $path ) ), glob( self::ROOT . "/$folder/*/$file" ) );
			if ( $unknown = array_diff( $this->settings[$folder], $there ) ) {
				$named = array_map( static fn ( $name ) => self::withSuggestion( $name, $there ), $unknown );
				throw new PermanentFailure( "$folder: the image has no " . implode( ', ', $named )
					. '; it has ' . implode( ', ', $there ) . '. Others can be added as packages' );
			}
		}
		$skins = $this->skinNames();
		if ( !in_array( strtolower( $this->settings['skin'] ), $skins, true ) ) {
			throw new PermanentFailure( "skin: no entry of skins provides {$this->settings['skin']}; they provide "
				. implode( ', ', $skins ) );
		}
		[ $status, $output ] = $this->execute( [ PHP_BINARY, '-l', Settings::FOLDER . '/extra.php' ], quiet: true );
		if ( $status !== 0 ) {
			throw new PermanentFailure( "extraSettings is not valid PHP: $output" );
		}
		$this->facts();
	}

	/**
	 * Returns a name that does not exist, with the one that was probably meant.
	 *
	 * @param string[] $known
	 */
	public static function withSuggestion( string $name, array $known ): string {
		$distances = [];
		foreach ( $known as $other ) {
			$distances[$other] = levenshtein( strtolower( $name ), strtolower( $other ) );
		}
		asort( $distances );
		return $distances && min( $distances ) <= 3 ? "$name (perhaps " . array_key_first( $distances ) . ')' : $name;
	}

	/** Returns what examine() returned the first time. */
	public function facts(): array {
		return $this->facts ??= $this->examine();
	}

	/** Starts MediaWiki, and returns what examine-settings.php reports. */
	public function examine(): array {
		@unlink( self::FACTS );
		$script = $this->script( dirname( __DIR__ ) . '/bin/examine-settings' );
		[ $status, $output ] = $this->execute( [ ...$script, self::FACTS ], quiet: true );
		if ( $status !== 0 || !is_file( self::FACTS ) ) {
			if ( preg_match( '/ExtensionDependencyError: (.+?)\.?\n/', $output, $found ) ) {
				throw new PermanentFailure( "extensions and skins do not fit together: $found[1]" );
			}
			throw new PermanentFailure( "MediaWiki does not start with these settings (check extraSettings first): $output" );
		}
		return json_decode( file_get_contents( self::FACTS ), true, 16, JSON_THROW_ON_ERROR );
	}

	/**
	 * Checks that this MediaWiki can upgrade a schema.
	 *
	 * @param string $from MediaWiki version of the schema; "" if it is not known
	 */
	public function checkUpgradeFrom( string $from ): void {
		Version::checkUpgrade( $from, $this->version, $this->settings['updater'] );
	}

	/** @return array<string, string[]> columns by table, of MediaWiki's own tables */
	public function columns(): array {
		$columns = [];
		foreach ( glob( self::ROOT . '/{sql,maintenance}/tables.json', GLOB_BRACE ) as $file ) {
			foreach ( json_decode( file_get_contents( $file ), true, 64, JSON_THROW_ON_ERROR ) as $table ) {
				$columns[$table['name']] = array_column( $table['columns'], 'name' );
			}
		}
		return $columns;
	}

	/**
	 * @param string[] $columns
	 * @return string[] those that no table of this MediaWiki or an older one has had
	 */
	public function neverHad( array $columns ): array {
		$sources = implode( ' ', glob( self::ROOT . '/{sql,maintenance,includes/installer}', GLOB_BRACE ) );
		return array_filter( $columns, static function ( $column ) use ( $sources ) {
			exec( 'grep -rqwF ' . escapeshellarg( $column ) . " $sources", $none, $status );
			return $status === 1;
		} );
	}

	/** @return string[] names of all tables that this MediaWiki or an extension in its image creates, or has created */
	public function tables(): array {
		exec( "grep -rohE --include='*.sql' '/\*(_|\\\$wgDBprefix)\*/[A-Za-z0-9_]+' " . self::ROOT, $found );
		return array_unique( array_map( static fn ( $name ) => substr( $name, strpos( $name, '*/' ) + 2 ), $found ) );
	}

	/** @return string[] names of the tables that an extension's SQL creates; some extensions create more tables in PHP */
	public function tablesOf( string $extension ): array {
		$folder = escapeshellarg( self::ROOT . "/extensions/$extension" );
		$create = 'CREATE TABLE (IF NOT EXISTS )?/\*(_|\$wgDBprefix)\*/[A-Za-z0-9_]+';
		exec( "grep -rohiE --include='*.sql' " . escapeshellarg( $create ) . " $folder", $found );
		$names = array_unique( array_map( static fn ( $name ) => substr( $name, strpos( $name, '*/' ) + 2 ), $found ) );
		sort( $names );
		return $names;
	}

	/** @return string[] the names under which users choose the wiki's skins */
	private function skinNames(): array {
		$names = [];
		foreach ( $this->settings['skins'] as $skin ) {
			$json = json_decode( file_get_contents( self::ROOT . "/skins/$skin/skin.json" ), true );
			array_push( $names, ...array_map( 'strtolower', array_keys( $json['ValidSkinNames'] ?? [] ) ) );
		}
		return $names;
	}

	/** Creates all tables, the main page and the first administrator. */
	public function install(): void {
		$database = $this->settings['database'];
		@mkdir( self::INSTALLER_FOLDER );
		[ $status, $output ] = $this->execute(
			[
				...$this->script( 'install' ), '--confpath', self::INSTALLER_FOLDER,
				'--dbtype', 'mysql', '--dbserver', "{$database['host']}:{$database['port']}", '--dbname', $database['name'],
				'--dbuser', trim( file_get_contents( '/etc/mediawiki-secrets/database-user' ) ),
				'--dbpassfile', '/etc/mediawiki-secrets/database-password', '--passfile', '/etc/mediawiki-secrets/admin-password',
				'--server', 'http://localhost', '--scriptpath', '', '--lang', $this->settings['language'],
				'--', $this->settings['siteName'], $this->settings['adminUser'], // may begin with a dash
			],
			[ 'MW_CONFIG_FILE' => self::INSTALLER_FOLDER . '/none.php' ]
		);
		@unlink( self::INSTALLER_FOLDER . '/LocalSettings.php' );
		if ( $status !== 0 ) {
			throw new PermanentFailure( "MediaWiki's installer failed: $output" );
		}
	}

	/** Returns what the schema depends on: MediaWiki's version and the extensions, those that are packages with their contents. */
	public function schema(): string {
		$content = fn ( $name ) => isset( $this->packages[$name] ) ? "$name@" . substr( $this->packages[$name], 0, 12 ) : $name;
		return $this->version . ' ' . implode( ' ', array_map( $content, $this->extensions ) );
	}

	/** Creates and changes tables as this MediaWiki and its extensions need them. */
	public function update(): void {
		[ $status, $output ] = $this->execute( [ ...$this->script( 'update' ), '--quick', '--skip-external-dependencies' ] );
		if ( $status !== 0 ) {
			throw new PermanentFailure( "MediaWiki's updater ended with status $status: $output" );
		}
	}

	/**
	 * Returns the command that runs a maintenance script of MediaWiki, or one of ours by its path without ".php".
	 *
	 * @return string[]
	 */
	private function script( string $name ): array {
		$runner = self::ROOT . '/maintenance/run.php'; // since MediaWiki 1.40
		if ( file_exists( $runner ) ) {
			return [ PHP_BINARY, $runner, $name ];
		}
		return [ PHP_BINARY, str_starts_with( $name, '/' ) ? "$name.php" : self::ROOT . "/maintenance/$name.php" ];
	}

	/**
	 * Runs a program, and prints its output as it comes unless $quiet.
	 *
	 * @return array{int, string} its status and its last lines
	 */
	private function execute( array $command, array $environment = [], bool $quiet = false ): array {
		$process = proc_open(
			$command, [ [ 'file', '/dev/null', 'r' ], [ 'pipe', 'w' ], [ 'redirect', 1 ] ], $pipes, self::ROOT, $environment + getenv()
		);
		$last = [];
		while ( ( $line = fgets( $pipes[1] ) ) !== false ) {
			if ( !$quiet ) {
				Console::detail( $line );
			}
			$last = array_slice( [ ...$last, $line ], -15 );
		}
		return [ proc_close( $process ), trim( implode( '', $last ) ) ];
	}
}
