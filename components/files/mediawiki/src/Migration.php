<?php
declare( strict_types=1 );

/**
 * Approves a revision: an image with its settings. It checks the settings, installs the wiki or restores it from a backup if the
 * database is empty, updates an older schema after a dump, renders pages, and then lets Pods of the revision start.
 *
 * It may be killed at any moment and run again. Two of them never run at once: the second waits for the first.
 */
class Migration {
	/** The value of backups.restoreFrom with which a new wiki is installed beside the backups of another one. */
	private const NEW_WIKI = 'none';

	private readonly BackupVolume $volume;
	private readonly mysqli $database;
	private readonly Notes $notes;

	public function __construct( private readonly Wiki $wiki ) {
		$this->volume = new BackupVolume();
	}

	public function run(): void {
		Console::say( "MediaWiki {$this->wiki->version}, revision {$this->wiki->revision}" );
		$this->wiki->checkSettings();
		VolumeCheck::run();
		// In this order, as a backup does: otherwise each would wait for the other.
		$lock = (string)getenv( 'MEDIAWIKI_RESTORE_FROM' ) !== '' ? $this->volume->lock() : null;
		$this->database = DatabaseWait::connect();
		MigrationLock::acquire( $this->database );
		$this->notes = new Notes( $this->database );
		$this->notes->create();
		if ( $this->notes->get( 'wiki' ) === null ) {
			$this->notes->set( 'wiki', bin2hex( random_bytes( 8 ) ) ); // tells its backups from those of other wikis
		}
		$installed = $this->notes->get( 'state' ) === 'installed';
		$this->checkRestore( $installed );
		$upgrade = new Upgrade( $this->wiki, $this->database, $this->notes, $this->volume );
		$upgrade->rollBackInterrupted();
		if ( Revision::isDone( $this->notes, $this->wiki ) ) {
			Revision::noteUse( $this->notes, $this->wiki );
			RemovedExtensions::report( $this->notes, $this->wiki, $this->database );
			Console::say( 'nothing to do: the revision is approved' );
			return;
		}
		$new = !$installed && $this->install();
		$names = new Namespaces( $this->notes, Namespaces::noted( $this->notes ) );
		$names->decide( $this->wiki, $this->database );
		$this->updateSchema( $upgrade, $new );
		MigrationLock::assertHeld( $this->database );
		Revision::approve( $this->notes, $this->wiki, $names );
		RemovedExtensions::report( $this->notes, $this->wiki, $this->database );
		Console::say( 'approved the revision' );
	}

	private function checkRestore( bool $installed ): void {
		$restore = (string)$this->notes->get( 'restore' );
		if ( $installed && $restore !== '' ) {
			$what = $restore === BackupVolume::IMPORTED ? 'an import' : "the restore of $restore";
			throw new PermanentFailure( "$what was interrupted, and the wiki is closed until it is run again and succeeds" );
		}
		if ( $installed && !in_array( getenv( 'MEDIAWIKI_RESTORE_FROM' ), [ false, '', self::NEW_WIKI ], true ) ) {
			Console::say( 'backups.restoreFrom has no effect: there is a wiki' );
		}
	}

	private function updateSchema( Upgrade $upgrade, bool $new ): void {
		$schema = $this->wiki->schema();
		$has = (string)$this->notes->get( 'schema' );
		if ( !$new && $has !== $schema ) {
			$upgrade->run( strtok( $has, ' ' ) ?: '', $schema ); // renders pages, too
			return;
		}
		if ( $new ) {
			$this->wiki->update(); // tables of extensions
			$this->notes->set( 'schema', $schema );
		}
		PageCheck::run();
	}

	/**
	 * Creates a wiki in an empty database, and tells whether it is a new one. Until the wiki is complete, the database is noted as
	 * unfinished and no Pod uses it, so whatever a killed installation or restore has left is dropped.
	 */
	private function install(): bool {
		$tables = array_diff( Schema::tables( $this->database ), [ Notes::TABLE ] );
		if ( $this->notes->get( 'state' ) === null && $tables ) {
			if ( array_diff( [ 'page', 'revision', 'user', 'updatelog' ], $tables ) ) {
				throw new PermanentFailure( 'the database has tables that are not MediaWiki\'s (such as '
					. $tables[array_key_first( $tables )] . '); give the wiki an empty database, or one that contains a wiki' );
			}
			Console::say( 'the database contains a wiki: keeping it' );
			$this->notes->set( 'state', 'installed' );
			return false;
		}
		$from = (string)getenv( 'MEDIAWIKI_RESTORE_FROM' );
		if ( $from === '' ) {
			$this->checkNoBackups();
		}
		$this->notes->set( 'state', 'installing' );
		if ( $tables ) {
			Console::say( 'an installation was interrupted: dropping the ' . count( $tables ) . ' tables that it left' );
		}
		$this->clear();
		if ( !in_array( $from, [ '', self::NEW_WIKI ], true ) ) {
			$this->installFrom( $from );
			return false;
		}
		Console::say( 'installing' );
		$this->wiki->install();
		MigrationLock::assertHeld( $this->database );
		$this->notes->set( 'state', 'installed' );
		return true;
	}

	/** Refuses to install a new wiki beside backups: an empty database may be one that was lost. */
	private function checkNoBackups(): void {
		$backups = $this->volume->all() ?: array_values( $this->volume->damaged() );
		if ( $backups ) {
			throw new PermanentFailure( 'the database is empty, but the volume for backups has some of another wiki (' . count( $backups )
				. "), the newest $backups[0]. To restore that one: pulumi config set --path backups.restoreFrom latest; "
				. 'for a new wiki, beside which those backups stay: pulumi config set --path backups.restoreFrom none' );
		}
	}

	/** Restores the wiki from a backup. If it fails, the database is empty afterwards. */
	private function installFrom( string $name ): void {
		try {
			$archive = ( new BackupFinder( $this->volume, Repository::fromEnvironment() ) )->findWhole( $name === 'latest' ? '' : $name );
			$restore = new Restore( $this->wiki, $this->database, $this->notes, $this->volume );
			$restore->check( $archive );
			$restore->run( $archive );
		} catch ( Throwable $e ) {
			$this->clear();
			throw new PermanentFailure( "backups.restoreFrom $name: " . Console::reason( $e )
				. "\nThe database is empty: fix this and try again; for a new wiki: pulumi config set --path backups.restoreFrom none" );
		}
		Console::say( "restored $archive" );
	}

	/** Empties a database that no Pod has used yet. */
	private function clear(): void {
		Schema::drop( $this->database, array_diff( Schema::tables( $this->database ), [ Notes::TABLE ] ) );
		if ( (string)$this->notes->get( 'restore' ) !== '' ) {
			$this->notes->set( 'restore', '' );
			( new ReadOnlyMode( $this->wiki->version ) )->end();
		}
	}
}
