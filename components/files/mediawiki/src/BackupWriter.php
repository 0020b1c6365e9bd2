<?php
declare( strict_types=1 );

/** Makes a backup while people edit. */
class BackupWriter {
	/** Tables whose rows are left out, because MediaWiki fills them again. The first one also contains sessions. */
	public const CACHES = [ 'objectcache', 'l10n_cache' ];

	public function __construct( private readonly mysqli $database, private readonly BackupVolume $volume ) {
	}

	/**
	 * @param string $prefix of its name. Backups without a prefix are counted, and deleted when there are enough. A backup with a prefix
	 *   is possible even if an upgrade was interrupted, because the wiki is about to be replaced
	 */
	public function createBackup( string $prefix = '' ): Archive {
		$part = "{$this->volume->root}/.part-backup";
		Disk::createEmpty( $part );
		Disk::createEmpty( "$part/uploads" );
		try {
			$facts = $this->dump( "$part/" . Archive::DUMP, $prefix !== '' );
			foreach ( $this->volume->damaged() as $reason ) {
				Console::say( "passed over: $reason" );
			}
			// After the database: a file without a row does no harm, but a row without a file does.
			$facts['uploads'] = ( new Uploads() )->copyTo( $part, $this->volume->matching( '*' ) );
			if ( $packages = ( new PackageBackup( new PackageStore() ) )->copyTo( $part ) ) {
				$facts['packages'] = $packages;
			}
			return $this->volume->seal( $part, $this->volume->freeName( $prefix ), $facts );
		} catch ( Throwable $e ) {
			Disk::deleteTree( $part );
			throw $e;
		}
	}

	/** Writes the dump, and returns the part of the manifest that describes it. */
	private function dump( string $file, bool $evenInterrupted ): array {
		$notes = new Notes( $this->database );
		$has = Database::hasTable( $this->database, Notes::TABLE );
		$upgrade = $has && $evenInterrupted ? json_decode( $notes->get( 'upgrade' ) ?? 'null', true ) : null;
		$schema = $has ? $notes->get( 'schema' ) ?? $upgrade['schema'] ?? null : null;
		if ( !$schema || $notes->get( 'state' ) !== 'installed' ) {
			throw new PermanentFailure( 'the database contains no wiki, or one that is being upgraded' );
		}
		Console::say( 'dumping the database' );
		if ( $others = Schema::notDumped( $this->database ) ) {
			Console::say( "not in the dump, because MediaWiki does not create them: $others" );
		}
		( new DatabaseTools() )->dump( $file, self::CACHES );
		MigrationLock::assertHeld( $this->database );
		return [
			'wiki' => $notes->get( 'wiki' ), 'schema' => $schema, 'namespaces' => Namespaces::noted( $notes ),
			'mediawiki' => strtok( $schema, ' ' ), 'mariadb' => $this->database->server_info,
			'database' => [ 'bytes' => filesize( $file ) ], 'rows' => DatabaseTools::rows( "$file.rows" ),
		];
	}
}
