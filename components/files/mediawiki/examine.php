<?php
// Says what MediaWiki makes of this wiki's settings, for the migration: a maintenance script that writes JSON into the file it is given.
require_once '/var/www/html/maintenance/Maintenance.php';

use MediaWiki\Maintenance\Maintenance;
use MediaWiki\MediaWikiServices;

// Its name until MediaWiki 1.42.
if ( !class_exists( Maintenance::class ) ) {
	class_alias( 'Maintenance', Maintenance::class );
}

class ExamineSettings extends Maintenance {
	public function __construct() {
		parent::__construct();
		$this->addArg( 'file', 'where to write' );
	}

	public function execute() {
		$language = MediaWikiServices::getInstance()->getContentLanguage();
		$names = [];
		foreach ( MediaWikiServices::getInstance()->getNamespaceInfo()->getCanonicalNamespaces() as $index => $name ) {
			$names[$language->lc( $name )] = $index;
		}
		file_put_contents( $this->getArg( 0 ), json_encode( [
			// The name of the project namespace as titles begin with it, and whether it leads there and takes no other namespace's place.
			'project' => $language->ucfirst( $language->getNsText( NS_PROJECT ) ),
			'sound' => $this->isSound( $language ),
			// Namespaces by all names that MediaWiki knows, in lower case.
			'names' => $names + $language->getNamespaceIds(),
		], JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE ) );
	}

	private function isSound( $language ): bool {
		$ours = [ NS_PROJECT, NS_PROJECT_TALK ];
		foreach ( $language->getNamespaces() as $index => $name ) {
			$leads = $language->getNsIndex( $name );
			if ( $leads !== $index && ( in_array( $index, $ours, true ) || in_array( $leads, $ours, true ) ) ) {
				return false;
			}
		}
		foreach ( $ours as $index ) {
			$name = $language->getNsText( $index );
			// The name itself has to be a title, and lead to its namespace when it is the beginning of one.
			if ( !$this->leadsTo( $name, NS_MAIN, $language->lc( $name ) ) || !$this->leadsTo( "$name:X", $index, 'x' ) ) {
				return false;
			}
		}
		return true;
	}

	/** Tells whether a title is one of a namespace with this text, but for capitals. */
	private function leadsTo( string $title, int $namespace, string $text ): bool {
		try {
			$parsed = MediaWikiServices::getInstance()->getTitleParser()->parseTitle( $title );
		} catch ( Exception $e ) { // no title, or perhaps one of another wiki, for which MediaWiki asks the database
			return false;
		}
		return $parsed->getNamespace() === $namespace && mb_strtolower( $parsed->getDBkey() ) === $text;
	}
}

$maintClass = ExamineSettings::class;
require_once RUN_MAINTENANCE_IF_MAIN;
