<?php
// What the migration is made of: MediaWiki's maintenance scripts, and the lock it holds.
declare( strict_types=1 );
require_once __DIR__ . '/rendering.php';

/** MediaWiki as this image has it, with the settings of this wiki. */
class Wiki {
	public const ROOT = '/var/www/html';
	private const FACTS = '/tmp/facts.json';
	/** Settings that do not exist, for the installer, which refuses to work beside some that do. */
	private const INSTALLER_FOLDER = '/tmp/install';

	public readonly string $version;
	public readonly string $gate;
	/** @var string[] in alphabetical order */
	public readonly array $extensions;
	private array $settings;
	private ?array $facts = null;

	public function __construct() {
		$this->settings = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
		$this->gate = (string)getenv( 'MEDIAWIKI_GATE' );
		$extensions = $this->settings['extensions'];
		sort( $extensions );
		$this->extensions = $extensions;
		preg_match( "/'MW_VERSION', '([^']+)'/", file_get_contents( self::ROOT . '/includes/Defines.php' ), $found );
		$this->version = $found[1];
	}

	/** Finds mistakes in the settings without a database, before anything is changed. */
	public function checkSettings(): void {
		foreach ( [ 'extensions' => 'extension.json', 'skins' => 'skin.json' ] as $folder => $file ) {
			$there = array_map( static fn ( $path ) => basename( dirname( $path ) ), glob( self::ROOT . "/$folder/*/$file" ) );
			if ( $unknown = array_diff( $this->settings[$folder], $there ) ) {
				throw new Refusal( "$folder: the image has no " . implode( ', ', $unknown ) . '; it has ' . implode( ', ', $there ) );
			}
		}
		if ( !in_array( strtolower( $this->settings['skin'] ), $this->skinNames(), true ) ) {
			throw new Refusal( "skin: none of skins makes {$this->settings['skin']}; they make " . implode( ', ', $this->skinNames() ) );
		}
		[ $status, $output ] = $this->execute( [ PHP_BINARY, '-l', __DIR__ . '/extra.php' ], quiet: true );
		if ( $status !== 0 ) {
			throw new Refusal( "extraSettings is no PHP: $output" );
		}
		$this->facts();
	}

	/** Returns what examine() found first. */
	public function facts(): array {
		return $this->facts ??= $this->examine();
	}

	/** Starts MediaWiki, and returns what examine.php says of its settings. */
	public function examine(): array {
		@unlink( self::FACTS );
		[ $status, $output ] = $this->execute( [ ...$this->script( __DIR__ . '/examine' ), self::FACTS ], quiet: true );
		if ( $status !== 0 || !is_file( self::FACTS ) ) {
			throw new Refusal( "MediaWiki does not start with these settings (look at extraSettings first): $output" );
		}
		return json_decode( file_get_contents( self::FACTS ), true, 16, JSON_THROW_ON_ERROR );
	}

	/**
	 * Refuses a schema that this MediaWiki's updater cannot begin with.
	 *
	 * @param string $from version that it is of; empty if it is not known
	 */
	public function checkUpgradeFrom( string $from ): void {
		if ( $from === '' ) {
			return;
		}
		if ( version_compare( series( $from ), series( $this->version ), '>' ) ) {
			throw new Refusal( "the wiki was written by MediaWiki $from, which $this->version cannot read: set images.mediawiki to "
				. series( $from ) . ' or a later one' );
		}
		$oldest = '0';
		foreach ( $this->settings['updater'] as $since => $begins ) { // in alphabetical order
			$oldest = version_compare( series( $this->version ), (string)$since, '>=' ) ? $begins : $oldest;
		}
		if ( version_compare( series( $from ), $oldest, '<' ) ) {
			throw new Refusal( "MediaWiki $this->version does not upgrade a wiki of $from: upgrade to $oldest or a later one first" );
		}
	}

	/** @return array<string, string[]> columns by table, of all tables that this MediaWiki has without extensions */
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
	 * @return string[] those that were in no table of this MediaWiki's or of an older one
	 */
	public function neverHad( array $columns ): array {
		$sources = implode( ' ', glob( self::ROOT . '/{sql,maintenance,includes/installer}', GLOB_BRACE ) );
		return array_filter( $columns, static function ( $column ) use ( $sources ) {
			exec( 'grep -rqwF ' . escapeshellarg( $column ) . " $sources", $none, $status );
			return $status === 1;
		} );
	}

	/** @return string[] names of all tables that this MediaWiki or an extension in its image makes, or made once */
	public function tables(): array {
		exec( "grep -rohE --include='*.sql' '/\*(_|\\\$wgDBprefix)\*/[A-Za-z0-9_]+' " . self::ROOT, $found );
		return array_unique( array_map( static fn ( $name ) => substr( $name, strpos( $name, '*/' ) + 2 ), $found ) );
	}

	/** @return string[] the names under which the wiki's skins are chosen */
	private function skinNames(): array {
		$names = [];
		foreach ( $this->settings['skins'] as $skin ) {
			$json = json_decode( file_get_contents( self::ROOT . "/skins/$skin/skin.json" ), true );
			array_push( $names, ...array_map( 'strtolower', array_keys( $json['ValidSkinNames'] ?? [] ) ) );
		}
		return $names;
	}

	/** Makes all tables, the main page and the first administrator. */
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
				'--', $this->settings['siteName'], $this->settings['adminUser'], // which may begin as an option does
			],
			[ 'MW_CONFIG_FILE' => self::INSTALLER_FOLDER . '/none.php' ]
		);
		@unlink( self::INSTALLER_FOLDER . '/LocalSettings.php' );
		if ( $status !== 0 ) {
			throw new Refusal( "the installer failed: $output" );
		}
	}

	/** What the schema is of when it is up to date. */
	public function schema(): string {
		return $this->version . ' ' . implode( ' ', $this->extensions );
	}

	/** Makes and changes tables as this MediaWiki and its extensions need them. */
	public function update(): void {
		[ $status, $output ] = $this->execute( [ ...$this->script( 'update' ), '--quick', '--skip-external-dependencies' ] );
		if ( $status !== 0 ) {
			throw new Refusal( "MediaWiki's updater ended with status $status: $output" );
		}
	}

	public function checkPages(): void {
		Rendering::check();
	}

	/**
	 * Returns the command that runs one of MediaWiki's maintenance scripts, or one of our own by its path.
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
	 * Runs a program, shows what it prints as it comes, and returns its status and its last lines.
	 *
	 * @return array{int, string}
	 */
	private function execute( array $command, array $environment = [], bool $quiet = false ): array {
		$process = proc_open(
			$command, [ [ 'file', '/dev/null', 'r' ], [ 'pipe', 'w' ], [ 'redirect', 1 ] ], $pipes, self::ROOT, $environment + getenv()
		);
		$last = [];
		while ( ( $line = fgets( $pipes[1] ) ) !== false ) {
			if ( !$quiet ) {
				echo "  $line";
			}
			$last = array_slice( [ ...$last, $line ], -15 );
		}
		return [ proc_close( $process ), trim( implode( '', $last ) ) ];
	}
}

/** Opens the database as soon as it can be had: it may be starting, or on its way to another password. It has so many seconds. */
function patientlyConnected( int $seconds = 1200 ): mysqli {
	$began = time();
	for ( $last = ''; ; sleep( 1 ) ) {
		try {
			return connect();
		} catch ( mysqli_sql_exception $e ) {
			// 1044, 1045, 1698: access denied; 1049: no such database.
			$patience = in_array( $e->getCode(), [ 1044, 1045, 1049, 1698 ] ) ? (int)getenv( 'MEDIAWIKI_REFUSED_FOR' ) : $seconds;
			if ( time() - $began > $patience ) {
				throw new Refusal( 'the database cannot be had: ' . $e->getMessage() );
			}
			if ( $e->getMessage() !== $last ) {
				say( 'waiting for the database: ' . ( $last = $e->getMessage() ) );
			}
		}
	}
}

/** Waits until no other migration is at work. The lock ends with the connection. */
function lock( mysqli $database ): void {
	$database->query( 'SET SESSION wait_timeout = 86400' );
	for ( $waiting = false; $database->query( lockSQL( 'GET_LOCK(%s, 5)' ) )->fetch_column() != 1; $waiting = true ) {
		if ( !$waiting ) {
			say( 'another migration is at work, waiting for it' );
		}
	}
}

/** Makes sure that the lock was not lost on the way. */
function holds( mysqli $database ): void {
	if ( $database->query( lockSQL( 'IS_USED_LOCK(%s) = CONNECTION_ID()' ) )->fetch_column() != 1 ) {
		throw new Refusal( 'the lock on the migration was lost; nothing more was done' );
	}
}

function lockSQL( string $call ): string {
	return 'SELECT ' . sprintf( $call, "CONCAT(DATABASE(), '.migration')" );
}

/** @return string[] all that SHOW TABLES lists, views among them */
function tables( mysqli $database ): array {
	return array_column( $database->query( 'SHOW TABLES' )->fetch_all(), 0 );
}

/** @return string[] tables with rows of their own, which is all that MediaWiki makes, and all that a dump has */
function baseTables( mysqli $database ): array {
	return array_column( $database->query( "SHOW FULL TABLES WHERE Table_type NOT IN ('VIEW', 'SEQUENCE')" )->fetch_all(), 0 );
}

/** Names what a dump of the database does not have, of what the account sees; empty if there is nothing. */
function notDumped( mysqli $database ): string {
	$found = $database->query( "SELECT CONCAT(LOWER(table_type), ' ', table_name) FROM information_schema.tables
			WHERE table_schema = DATABASE() AND table_type IN ('VIEW', 'SEQUENCE')
		UNION SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = DATABASE()" );
	return implode( ', ', array_column( $found->fetch_all(), 0 ) );
}

/** @param string[] $tables views among them */
function drop( mysqli $database, array $tables ): void {
	$kinds = array_column( $database->query( 'SHOW FULL TABLES' )->fetch_all(), 1, 0 );
	$database->query( 'SET FOREIGN_KEY_CHECKS = 0' );
	foreach ( $tables as $table ) {
		$kind = in_array( $kinds[$table], [ 'VIEW', 'SEQUENCE' ], true ) ? $kinds[$table] : 'TABLE';
		$database->query( "DROP $kind `$table`" );
	}
}

/** "1.43" of "1.43.9" */
function series( string $version ): string {
	return implode( '.', array_slice( explode( '.', $version ), 0, 2 ) );
}
